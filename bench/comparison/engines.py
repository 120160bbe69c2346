"""The engines: how each is loaded, served and stopped, with the settings its makers recommend."""

import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

from . import client, processes, provision
from .processes import Failed

GRAPH = "https://w3id.org/ocm/graph/union"


class Engine:
    """A SPARQL server with one data set, bound to loopback, in a temporary folder of its own."""

    name = title = settings = ""

    def __init__(self):
        self.version = ""
        self.folder = None
        self.process = None
        self.port = None
        self.path = "/"

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix=f"ocm-bench-{self.name}-"))
        try:
            self.prepare()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.stop()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def log(self):
        """Where the programs' own words go."""
        return self.folder / "log"

    @property
    def data(self):
        """Where the loaded data are."""
        return self.folder / "data"

    def words(self):
        """The last words of the programs, for a message."""
        return self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""

    def start(self):
        """Starts the server; gives the seconds until it answers."""
        started = time.monotonic()
        self.process = self.launch()
        self.await_address()
        processes.wait_until(lambda: client.answers(self.port, self.path), self.process, self.log)
        return time.monotonic() - started

    def await_address(self):
        """For servers that choose their port themselves."""

    def stop(self):
        """Stops the server and everything it started."""
        if self.process is not None:
            processes.end(self.process)
            self.process = None

    def restart(self):
        """Stops and starts: the only way to end a query that goes on after its client has left."""
        self.stop()
        return self.start()

    def memory(self):
        """Bytes of memory while serving."""
        return processes.memory(self.process.pid)

    def disk(self):
        """Bytes on disk after loading."""
        return processes.disk(self.data)

    def prepare(self):
        """Gets the programs."""
        raise NotImplementedError

    def load(self, triples):
        """Loads an N-Triples file into `data`; gives seconds and the greatest memory in bytes."""
        raise NotImplementedError

    def launch(self):
        """Starts the server process; sets `port` where it is known beforehand."""
        raise NotImplementedError


def output(command, **options):
    """What a program prints, of whatever status."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    return done.stdout


class Ours(Engine):
    """`ocm build`, then `ocm serve --edition`."""

    name, title = "ours", "ocm"
    settings = "as released; limits on time, rows and bytes lifted"

    def prepare(self):
        self.program = provision.ocm()
        self.version = output([self.program, "--version"]).split()[-1]
        self.path = "/sparql"
        if "--edition" not in output([self.program, "serve", "--help"]):
            raise Failed("this ocm has no `serve --edition`")

    def load(self, triples):
        self.data.mkdir()
        edition = self.data / "edition"
        return processes.run([self.program, "build", "--rdf", triples, "--out", edition], self.log)

    def launch(self):
        self.log.write_text("")
        command = [self.program, "serve", "--edition", self.data / "edition", "--bind", "127.0.0.1:0"]
        return processes.start([*command, *self.unlimited()], self.log, cwd=provision.REPOSITORY)

    def unlimited(self):
        """The options that lift limits, as far as this build has them."""
        offered = output([self.program, "serve", "--help"])
        wanted = {
            "--query-timeout": "60s",
            "--query-memory": "4GB",
            "--max-rows": "100000000",
            "--max-bytes": "4GB",
            "--queue": "100",
        }
        return [word for option, value in wanted.items() if option in offered for word in (option, value)]

    def await_address(self):
        def told():
            found = re.search(r"http://127\.0\.0\.1:(\d+)", self.log.read_text(errors="replace"))
            self.port = int(found[1]) if found else None
            return found

        processes.wait_until(told, self.process, self.log)


class Oxigraph(Engine):
    """The oxigraph server on RocksDB."""

    name, title, settings = "oxigraph", "Oxigraph", "`load`, then `serve-read-only`"

    def prepare(self):
        self.program = provision.oxigraph()
        self.version = output([self.program, "--version"]).split()[-1]
        self.path = "/query"

    def load(self, triples):
        return processes.run([self.program, "load", "--location", self.data, "--file", triples], self.log)

    def launch(self):
        self.port = processes.free_port()
        command = [self.program, "serve-read-only", "--location", self.data, "--bind", f"127.0.0.1:{self.port}"]
        return processes.start(command, self.log)


class Virtuoso(Engine):
    """Virtuoso 7, open source, column store."""

    name, title = "virtuoso", "Virtuoso"
    settings = "bulk loader and checkpoint; buffers after its table for the free memory; no limits on rows or time"

    # Gigabytes of free memory, NumberOfBuffers, MaxDirtyBuffers: the table in virtuoso.ini.
    BUFFERS = [
        (2, 170_000, 130_000), (4, 340_000, 250_000), (8, 680_000, 500_000), (16, 1_360_000, 1_000_000),
        (32, 2_720_000, 2_000_000), (48, 4_000_000, 3_000_000), (64, 5_450_000, 4_000_000),
    ]  # fmt: skip

    def prepare(self):
        self.program, self.isql, libraries = provision.virtuoso()
        self.environment = {**os.environ, "LD_LIBRARY_PATH": libraries}
        version = re.search(r"Version (\S+)", output([self.program, "+version"], env=self.environment, cwd=self.folder))
        self.version = version[1] if version else "?"
        # Its own tables are graphs too: only the parameter keeps them out of every query.
        self.path = "/sparql?" + urlencode({"default-graph-uri": GRAPH})

    def configure(self):
        """Writes virtuoso.ini; all its files are in `data`."""
        self.sql_port, self.port = processes.free_port(), processes.free_port()
        with open("/proc/meminfo") as figures:
            free = next(int(line.split()[1]) for line in figures if line.startswith("MemAvailable")) / 2**20
        _, buffers, dirty = next((row for row in reversed(self.BUFFERS) if row[0] <= free), self.BUFFERS[0])
        (self.folder / "virtuoso.ini").write_text(f"""
[Database]
DatabaseFile = {self.data}/virtuoso.db
ErrorLogFile = {self.folder}/virtuoso.log
LockFile = {self.data}/virtuoso.lck
TransactionFile = {self.data}/virtuoso.trx
xa_persistent_file = {self.data}/virtuoso.pxa
FileExtend = 200
MaxCheckpointRemap = 2000
Striping = 0
TempStorage = TempDatabase
[TempDatabase]
DatabaseFile = {self.folder}/virtuoso-temp.db
TransactionFile = {self.folder}/virtuoso-temp.trx
MaxCheckpointRemap = 2000
Striping = 0
[Parameters]
ServerPort = 127.0.0.1:{self.sql_port}
DisableUnixSocket = 1
NumberOfBuffers = {buffers}
MaxDirtyBuffers = {dirty}
DirsAllowed = {self.folder}
CaseMode = 2
CheckpointInterval = 60
MaxClientConnections = 20
ServerThreads = 20
[HTTPServer]
ServerPort = 127.0.0.1:{self.port}
ServerThreads = 20
MaxKeepAlives = 20
KeepAliveTimeout = 3600
[Client]
SQL_PREFETCH_ROWS = 100
""")

    def launch(self):
        self.configure()
        command = [self.program, "+foreground", "+wait", "+configfile", self.folder / "virtuoso.ini"]
        return processes.start(command, self.log, env=self.environment, cwd=self.folder)

    def load(self, triples):
        self.data.mkdir()
        link = self.folder / "data.nt"
        link.hardlink_to(triples) if triples.stat().st_dev == self.folder.stat().st_dev else shutil.copy(triples, link)
        self.start()
        script = f"ld_dir('{self.folder}', 'data.nt', '{GRAPH}'); rdf_loader_run(); checkpoint;"
        seconds, _ = processes.run(self.sql(script), self.log, env=self.environment)
        loaded = "select ll_file from DB.DBA.load_list where ll_state = 2 and ll_error is null;"
        if "1 Rows." not in output(self.sql(loaded), env=self.environment):
            errors = output(self.sql("select ll_error from DB.DBA.load_list;"), env=self.environment)
            raise Failed(f"the bulk loader has not loaded the file: {' '.join(errors.split())}")
        memory = processes.peak(self.process.pid)
        self.stop()
        return seconds, memory

    def sql(self, script):
        """The command that runs some statements."""
        return [self.isql, f"127.0.0.1:{self.sql_port}", "dba", "dba", f"EXEC={script}"]


class Fuseki(Engine):
    """Apache Jena Fuseki on TDB2."""

    name, title = "fuseki", "Fuseki"
    settings = "TDB2, `tdb2.tdbloader`, `tdb2.tdbstats`, heap of 4 GB as in its start script, read-only"

    def prepare(self):
        self.jar = provision.fuseki()
        self.version = provision.FUSEKI
        self.path = "/data/query"

    def java(self, *words):
        """The command that runs a class of the jar."""
        return ["java", "-cp", self.jar, *words]

    def load(self, triples):
        seconds, memory = processes.run(self.java("tdb2.tdbloader", "--loc", self.data, triples), self.log)
        statistics = self.folder / "stats.opt"
        more, also = processes.run(self.java("tdb2.tdbstats", "--loc", self.data), statistics)
        # The log of the command may stand before the statistics.
        text = statistics.read_text()
        (self.data / "Data-0001" / "stats.opt").write_text(text[text.index("(stats") :])
        return seconds + more, max(memory, also)

    def launch(self):
        self.port = processes.free_port()
        where = ["--localhost", f"--port={self.port}", f"--loc={self.data}", "/data"]
        command = ["java", "-Xmx4G", "-jar", self.jar, *where]
        environment = {**os.environ, "FUSEKI_BASE": str(self.folder / "base")}
        return processes.start(command, self.log, env=environment, cwd=self.folder)


ALL = {engine.name: engine for engine in (Ours, Oxigraph, Virtuoso, Fuseki)}
