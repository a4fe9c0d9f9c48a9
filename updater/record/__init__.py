"""A run on record: all that it was told, what it worked on, and what came of it, in one file.

From a record the same run can be decided again, offline, with the same configuration (and the same result, to the
byte) or with another one. A record holds no secrets: objects that hold them are blanked, passwords and tokens starred
out, all in their length, so that every place in a file stays where it is.

The file is JSON, compressed with gzip: ``zcat run.json.gz | jq .`` shows it. Its members are those of
:class:`~updater.record.form.Record`; the first one, ``updater_record``, is the number of the format.
"""

from updater.record.difference import Difference, difference
from updater.record.form import Record, read_record, write_record
from updater.record.recorder import Recorder
from updater.record.replay import Replay, forecast, replay

__all__ = [
    "Difference",
    "Record",
    "Recorder",
    "Replay",
    "difference",
    "forecast",
    "read_record",
    "replay",
    "write_record",
]
