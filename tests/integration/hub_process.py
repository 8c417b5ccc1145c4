"""A supervisor in a process of its own, for tests that send it signals: `hub_process.py DATA_DIR OUT CHILD_CODE`.

Writes the process ids of everything to OUT (JSON) whenever all is ready; exits as the supervisor says.
"""

import json
import os
import sys
import threading
from pathlib import Path

from ops.embedded.datadir import DataDir, Running
from ops.embedded.kafka import EmbeddedKafka
from ops.embedded.postgres import EmbeddedPostgres
from ops.stop import Stop
from ops.supervisor import Child, Supervisor
from schemas.wire.logs import configure_logs


def tell(supervisor: Supervisor, out: Path) -> None:
    supervisor.all_ready.wait()
    new = out.with_suffix(".new")
    new.write_text(json.dumps({"supervisor": os.getpid(), **supervisor.pids()}))
    new.replace(out)


def main(data_dir: str, out: str, child_code: str) -> int:
    configure_logs("supervisor")
    data = DataDir(Path(data_dir))
    lock = data.lock()
    kafka, postgres = EmbeddedKafka(data.kafka), EmbeddedPostgres(data.postgres)

    def prepare() -> list[Child]:
        data.announce(Running(os.getpid(), kafka.bootstrap, postgres.dsn))
        return [Child("worker", (sys.executable, "-c", child_code))]

    supervisor = Supervisor([kafka, postgres], prepare, grace=2.0)
    threading.Thread(target=tell, args=(supervisor, Path(out)), daemon=True).start()
    stop = Stop()
    with stop.on_signals():
        code = supervisor.run(stop)
    lock.release()
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
