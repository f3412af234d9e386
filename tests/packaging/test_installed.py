"""What is built works where nothing else is installed. One environment, for it takes a while."""

from pathlib import Path

import orjson

from stripe_source.settings import VERSION
from tests.packaging.conftest import Built, Environment
from tests.packaging.dockerfile import carry_out


def test_it_works_where_nothing_else_is_installed(
    built: Built, bare: Environment, tmp_path: Path
) -> None:
    """The wheel without extras explains itself; with the simulator's it syncs and answers."""
    bare.install(str(built.wheel))
    assert bare.run("stripe-source", "--version").stdout == f"stripe-source, version {VERSION}\n"
    assert "Examples:" in bare.run("stripe-source", "--help").stdout
    lacking = bare.run("stripe-source", "demo")
    assert lacking.returncode == 2
    assert lacking.stderr == (
        "Error: the simulator needs more packages: pip install 'stripe-source[simulator]'\n"
    )
    remote = bare.run("stripe-source", "sync", "--destination", "postgres")
    assert remote.returncode == 2
    assert remote.stderr.endswith("pip install 'stripe-source[postgres]'\n")

    bare.install(f"{built.wheel}[simulator]")
    data = {"DLT_DATA_DIR": str(tmp_path / "data" / "dlt")}  # as the Dockerfile sets it
    demo = bare.run("stripe-source", "demo", "--customers", "20", "--json", **data)
    assert demo.returncode == 0, demo.stderr
    assert orjson.loads(demo.stdout)["answer"]
    assert (tmp_path / "data" / "dlt" / "pipelines" / "stripe_source").is_dir()
    asked = bare.run("stripe-source", "query", "--json", "SELECT count(*) AS n FROM customers")
    assert orjson.loads(asked.stdout)[0]["n"] > 0

    # The Dockerfile copies enough for its commands to make such an environment, too.
    bare.run("pip", "uninstall", "--yes", "stripe-source")
    assert not (bare.folder / "bin" / "stripe-source").exists()
    carry_out(tmp_path / "src", bare.folder, "simulator")
    assert bare.run("stripe-source", "status", **data).returncode == 0
