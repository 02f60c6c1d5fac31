"""Environment and files to secrets: the Telegram token, and who asks the cluster.

In: what the YAML says, and the environment, which goes before files.  Out: a token; a cluster with
its certificate, and a login; or one `ConfigError` that says what to set.  No secret ever comes from
the YAML, which gets copied and shared, and no message repeats one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from msgspec.structs import replace

from config.settings import Settings
from config.yaml_tree import TOKEN, ConfigError, Fault
from retrieval.engines.connection import Cluster, Login


def telegram_token(settings: Settings, environ: Mapping[str, str]) -> str:
    """Take the token from TELEGRAM_BOT_TOKEN, or from the file that the environment or YAML names.

    Raises `ConfigError` where there is none, or what there is looks like no token.
    """
    token, origin = environ.get("TELEGRAM_BOT_TOKEN", "").strip(), "TELEGRAM_BOT_TOKEN"
    if not token:
        named = environ.get("TELEGRAM_BOT_TOKEN_FILE", "").strip()
        file = Path(named).expanduser() if named else settings.telegram.token_file
        if not file:
            raise _no_token("there is no Telegram token")
        # The path in the environment is not shown: people put the token itself there.
        origin = "the file named by TELEGRAM_BOT_TOKEN_FILE" if named else f"the token file {file}"
        try:
            token = file.read_text("utf-8-sig", errors="replace").strip()
        except OSError as error:
            raise _no_token(f"{origin} cannot be read ({error.strerror})") from None
    if not re.fullmatch(TOKEN, token, re.ASCII):
        raise _no_token(f"{origin} does not hold a whole token, and nothing else")
    return token


def _no_token(what: str) -> ConfigError:
    advice = (
        "create the bot with @BotFather, copy its token, and set TELEGRAM_BOT_TOKEN=… or save it "
        "in the file that TELEGRAM_BOT_TOKEN_FILE, or token_file in the YAML, names"
    )
    return ConfigError([Fault(None, 0, 0, f"{what}: {advice}")])


def cluster_login(cluster: Cluster, environ: Mapping[str, str]) -> tuple[Cluster, Login | None]:
    """Take user, password and CA from the environment, or else from the files the YAML names.

    Raises `ConfigError` where there is half of it.  No message repeats the password.
    """
    if ca := environ.get("YOUJU_CLUSTER_CA", "").strip():
        cluster = replace(cluster, ca=Path(ca).expanduser())
    user, password = (environ.get(f"YOUJU_CLUSTER_{name}", "") for name in ("USER", "PASSWORD"))
    origin = "YOUJU_CLUSTER_USER with YOUJU_CLUSTER_PASSWORD"
    if not user and not password and cluster.password_file:
        origin = f"the password file {cluster.password_file}"
        try:
            line = cluster.password_file.read_text("utf-8-sig", errors="replace").strip()
        except OSError as error:
            wrong = f"{origin} cannot be read ({error.strerror})"
            raise ConfigError([Fault(None, 0, 0, f"{wrong}: allow it, or name another")]) from None
        user, _, password = line.partition(":")
        if not user or not password:
            user = password = ""
            wrong = f"{origin} does not hold user:password on one line"
            raise ConfigError([Fault(None, 0, 0, f"{wrong}: write it so")])
    if bool(user) != bool(password):
        wrong = f"{origin} is given by half"
        raise ConfigError([Fault(None, 0, 0, f"{wrong}: set both, or none")])
    if cluster.ca and not os.access(cluster.ca, os.R_OK):
        wrong = f"the certificate {cluster.ca} cannot be read"
        raise ConfigError([Fault(None, 0, 0, f"{wrong}: name a file that can")])
    return cluster, Login(user, password) if user else None
