"""Gets what the comparison needs into a cache folder, with the ordinary clients of the package registries."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from .processes import Failed

REPOSITORY = Path(__file__).resolve().parents[2]
CACHE = REPOSITORY / "target" / "bench"

OXIGRAPH = "0.5.13"
# The newest that runs on Java 17; Jena 6 asks for Java 21.
FUSEKI = "5.6.0"
VIRTUOSO_PACKAGES = ["virtuoso-opensource-7-bin", "libminizip1", "libpcre3"]


def fetch(what, folder, *commands):
    """Runs commands in a new cache folder, once; a failure leaves no folder and says what to do."""
    folder = CACHE / folder
    if folder.is_dir():
        return folder
    print(f"fetching {what} into {folder}", file=sys.stderr)
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for command in commands:
        try:
            subprocess.run(command, cwd=partial, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        except FileNotFoundError:
            raise Failed(f"{what} is not here and cannot be fetched: install {command[0]}") from None
        except subprocess.CalledProcessError as error:
            words = error.stderr.decode(errors="replace").strip().splitlines() or [f"status {error.returncode}"]
            raise Failed(f"{what} cannot be fetched: {command[0]} says: {words[-1]}") from None
    partial.rename(folder)
    return folder


def oxigraph():
    """The oxigraph server, from the wheel of its command line."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    folder = fetch(f"oxigraph {OXIGRAPH}", f"oxigraph-{OXIGRAPH}", [*pip, f"oxigraph=={OXIGRAPH}"])
    program = folder / "oxigraph"
    if not program.exists():
        wheel = next(folder.glob("*.whl"))
        with zipfile.ZipFile(wheel) as archive:
            name = next(name for name in archive.namelist() if name.endswith("/scripts/oxigraph"))
            program.write_bytes(archive.read(name))
        program.chmod(0o755)
    return program


def virtuoso():
    """Virtuoso's programs, unpacked from Debian's packages beside the system; and the paths of its libraries."""
    unpack = ["sh", "-c", 'for package in *.deb; do dpkg -x "$package" . || exit 1; done']
    packages = ["apt-get", "download", "--quiet", *VIRTUOSO_PACKAGES]
    folder = fetch("Virtuoso 7 (run apt-get update first if it is not found)", "virtuoso-7", packages, unpack)
    libraries = sorted({str(path.parent) for path in folder.rglob("*.so.*")})
    return folder / "usr/bin/virtuoso-t", folder / "usr/bin/isql-vt", os.pathsep.join(libraries)


def fuseki():
    """Apache Jena Fuseki, one jar that holds the loader too."""
    if shutil.which("java") is None:
        raise Failed("Fuseki needs Java 17 or newer")
    copy = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"
    artifact = f"-Dartifact=org.apache.jena:jena-fuseki-server:{FUSEKI}"
    command = ["mvn", "--quiet", "--batch-mode", copy, artifact, "-DoutputDirectory=."]
    return fetch(f"Fuseki {FUSEKI}", f"fuseki-{FUSEKI}", command) / f"jena-fuseki-server-{FUSEKI}.jar"


def load_generator():
    """The load generator, compiled when its source is newer."""
    source, program = REPOSITORY / "bench/load.rs", CACHE / "load"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run(["rustc", "--edition", "2024", "-O", source, "-o", program], check=True)
    return program


def ocm():
    """Our program, built as it is released."""
    program = REPOSITORY / "target/release/ocm"
    if not program.exists():
        raise Failed("target/release/ocm is not there: run cargo build --release")
    return program


def data(resources, seed):
    """The triples that all engines load: the catalogue that `ocm generate` invents, made once for each program."""
    program = ocm()
    path = CACHE / f"generated-{resources}-{seed}.nt"
    if not path.exists() or path.stat().st_mtime < program.stat().st_mtime:
        print(f"inventing {resources} resources", file=sys.stderr)
        CACHE.mkdir(parents=True, exist_ok=True)
        command = [program, "generate", "--resources", str(resources), "--seed", str(seed), "--format", "ntriples"]
        subprocess.run([*command, "--out", path], check=True, cwd=REPOSITORY)
    return path
