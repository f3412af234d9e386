"""Schedules without an orchestrator: what they run is run, with the environment that they set."""

import os
import re
import shutil
import sys
from collections.abc import Callable
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import duckdb
import yaml

from stripe_source.alone import alone_in_pipeline
from stripe_source.simulator import Simulator
from tests.pipelines.conftest import PIPELINES, ROOT, run

BIN = Path(sys.executable).parent
PLACE = "/opt/stripe-source/bin"  # where the examples have the command
FIELD = r"[\d*/,-]+"


def crontab(folder: Path) -> tuple[dict[str, str], list[str]]:
    """The variables and the commands of the crontab, with the folder and the command of here."""
    settings, commands = {}, []
    for line in (PIPELINES / "crontab").read_text("utf-8").splitlines():
        if setting := re.fullmatch(r"(\w+)=(.*)", line):
            settings[setting[1]] = setting[2]
        elif line and not line.startswith("#"):
            entry = re.fullmatch(rf"(?:{FIELD} ){{5}}([^%]+)", line)  # cron ends a command at a %
            assert entry is not None, line
            commands.append(entry[1])
    assert settings["STRIPE_SOURCE"] == f"{PLACE}/stripe-source"
    here = {"STRIPE_FOLDER": str(folder), "STRIPE_SOURCE": f"{BIN}/stripe-source"}
    return settings | here | around(folder), commands


def around(folder: Path) -> dict[str, str]:
    """As little as cron and the like give; dlt would take /var/dlt for root."""
    return {"PATH": "/usr/bin:/bin", "HOME": str(folder), "DLT_DATA_DIR": str(folder / "dlt")}


def with_key(account: Simulator, folder: Path) -> None:
    """A folder with dlt's configuration, the key in its secrets."""
    (folder / ".dlt").mkdir()
    (folder / ".dlt" / "secrets.toml").write_text(
        f'[sources.stripe_source]\nstripe_secret_key = "{account.api_key}"\n'
        f'api_base = "{account.url}"\n'
    )
    (folder / ".dlt" / "config.toml").write_text((ROOT / ".dlt" / "config.toml").read_text())


def customers(folder: Path) -> int:
    """How many are in the DuckDB file of a folder."""
    with duckdb.connect(str(folder / "stripe_source.duckdb"), read_only=True) as connection:
        return len(connection.execute("FROM stripe.customers").fetchall())


def test_cron(account: Simulator, tmp_path: Path) -> None:
    """With nothing but cron's environment each line works, and prints nothing to be mailed."""
    with_key(account, tmp_path)
    environment, commands = crontab(tmp_path)
    assert len(commands) == 2
    for command in commands:
        said = run([environment["SHELL"], "-c", command], environment, folder=tmp_path)
        assert said == ""
        assert customers(tmp_path) == len(account.account.objects("/v1/customers"))


def test_cron_while_one_is_running(account: Simulator, tmp_path: Path) -> None:
    """A sync that is due while another runs ends with 2 and one line, and has changed nothing."""
    with_key(account, tmp_path)
    environment, commands = crontab(tmp_path)
    with alone_in_pipeline(tmp_path / "dlt" / "pipelines", "stripe_source"):
        said = run([environment["SHELL"], "-c", commands[0]], environment, folder=tmp_path, code=2)
    assert "another sync of the pipeline 'stripe_source' is running" in said
    assert len(said.splitlines()) == 1
    assert not (tmp_path / "stripe_source.duckdb").exists()


def unit(name: str, folder: Path) -> ConfigParser:
    """A unit of systemd with the command of here, which systemd finds no fault with, if there."""
    text = (PIPELINES / "systemd" / name).read_text("utf-8").replace(PLACE, str(BIN))
    (folder / name).write_text(text)
    parsed = ConfigParser(interpolation=None, delimiters=["="], comment_prefixes=["#"])
    parsed.optionxform = str  # type: ignore[assignment, method-assign]
    parsed.read_string(text)
    return parsed


def test_systemd(account: Simulator, tmp_path: Path) -> None:
    """What the service starts syncs the account; both units are good, and the timer is its."""
    units = tmp_path / "units"
    units.mkdir()
    service = unit("stripe-source.service", units)["Service"]
    timer = unit("stripe-source.timer", units)
    assert timer["Timer"]["OnCalendar"] == "hourly"
    if verifier := shutil.which("systemd-analyze"):
        files = sorted(units.iterdir())
        assert run([verifier, "verify", *files], dict(os.environ), folder=tmp_path) == ""
    state = tmp_path / service["StateDirectory"]
    state.mkdir()
    assert service["WorkingDirectory"] == f"%S/{state.name}"
    name, value = service["Environment"].split("=")
    environment = around(tmp_path) | {
        "STRIPE_SECRET_KEY": account.api_key,
        "STRIPE_API_BASE": account.url,
        name: value.replace("%S", str(tmp_path)),
    }
    run(["/bin/sh", "-c", f"exec {service['ExecStart']}"], environment, folder=state)
    assert customers(state) == len(account.account.objects("/v1/customers"))
    assert (state / "dlt" / "pipelines").is_dir()


def test_github_actions(
    account: Simulator, postgres: str, count: Callable[[str], int], tmp_path: Path
) -> None:
    """The steps' commands with the job's environment, each time on a new runner.

    The second sync goes on from the first, for it finds in Postgres how far that has come.
    """
    workflow = yaml.safe_load((PIPELINES / "github" / "sync.yml").read_text("utf-8"))
    assert workflow["concurrency"]["cancel-in-progress"] is False
    (job,) = workflow["jobs"].values()
    secrets = {"STRIPE_SECRET_KEY": account.api_key, "POSTGRES_URL": postgres}

    def environment(step: dict[str, Any]) -> dict[str, str]:
        return {
            name: re.sub(r"\$\{\{ secrets\.(\w+) \}\}", lambda found: secrets[found[1]], value)
            for name, value in (job["env"] | step.get("env", {})).items()
        }

    for number in range(2):
        runner = tmp_path / f"runner_{number}"
        runner.mkdir()
        path = {"PATH": f"{BIN}:/usr/bin:/bin", "STRIPE_API_BASE": account.url}
        said = [
            run(
                ["bash", "-e", "-c", step["run"]],
                around(runner) | path | environment(step),
                folder=runner,
            )
            for step in job["steps"]
            if "run" in step
        ]
        assert count("stripe.customers") == len(account.account.objects("/v1/customers"))
        assert bool(re.search("^0 rows", said[-1], re.MULTILINE)) == bool(number), said[-1]
        assert "Traceback" not in said[-1]
