// EXIF data as a camera writes them; actions/metadata/exif.js reads them.
const TEXT = 2;
const LONG = 4;
const FRACTION = 5;

const text = (value) => ({ type: TEXT, count: value.length + 1, bytes: Buffer.from(`${value}\0`, 'latin1') });

function long(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return { type: LONG, count: 1, bytes };
}

/** Degrees, minutes and hundredths of seconds. */
function degrees(value) {
  const seconds = Math.round(Math.abs(value) * 360_000);
  const parts = [Math.floor(seconds / 360_000), 1, Math.floor(seconds / 6000) % 60, 1, seconds % 6000, 100];
  const bytes = Buffer.alloc(24);
  parts.forEach((part, index) => bytes.writeUInt32LE(part, index * 4));
  return { type: FRACTION, count: 3, bytes };
}

/** Entries by tag, and behind them the values that don't fit into four bytes. `at` is where it will stand in the file. */
function directory(entries, at) {
  const head = Buffer.alloc(2 + entries.length * 12 + 4);
  head.writeUInt16LE(entries.length, 0);
  const values = [];
  let end = at + head.length;
  entries.forEach(([tag, { type, count, bytes }], index) => {
    const entry = 2 + index * 12;
    head.writeUInt16LE(tag, entry);
    head.writeUInt16LE(type, entry + 2);
    head.writeUInt32LE(count, entry + 4);
    if (bytes.length <= 4) return void bytes.copy(head, entry + 8);
    head.writeUInt32LE(end, entry + 8);
    values.push(bytes);
    end += bytes.length;
  });
  return Buffer.concat([head, ...values]);
}

/** The three directories of `{maker, model, artist, taken, where: {latitude, longitude}}`. */
export function exifOf({ maker, model, artist, taken, where }) {
  const start = Buffer.from([0x49, 0x49, 42, 0, 8, 0, 0, 0]);
  const first = (exifAt, gpsAt) =>
    directory(
      [
        [0x010f, text(maker)],
        [0x0110, text(model)],
        [0x013b, text(artist)],
        [0x8769, long(exifAt)],
        [0x8825, long(gpsAt)],
      ],
      start.length,
    );
  const exifAt = start.length + first(0, 0).length;
  const exif = directory([[0x9003, text(taken)]], exifAt);
  const gpsAt = exifAt + exif.length;
  const gps = directory(
    [
      [1, text(where.latitude < 0 ? 'S' : 'N')],
      [2, degrees(where.latitude)],
      [3, text(where.longitude < 0 ? 'W' : 'E')],
      [4, degrees(where.longitude)],
    ],
    gpsAt,
  );
  return Buffer.concat([start, first(exifAt, gpsAt), exif, gps]);
}
