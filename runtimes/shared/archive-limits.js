'use strict';
/** What an archive may unpack to. OpenWhisk's code limit is 48 MB packed. */

/** Files, directories and links. A large `node_modules` has some ten thousand. */
const MAX_ENTRIES = 50_000;
const MAX_TOTAL_BYTES = 512 * 1024 * 1024;
/** Deflate's limit is 1032; text and code stay below 20. Small archives may have any ratio. */
const MAX_RATIO = 100;
const RATIO_FROM_BYTES = 8 * 1024 * 1024;
const MAX_NAME_BYTES = 1024;

/** Throws when `unpackedBytes` is more than an archive of `packedBytes` may hold. */
function checkSize(packedBytes, unpackedBytes) {
  if (unpackedBytes > MAX_TOTAL_BYTES) {
    throw new Error(`it unpacks to more than ${MAX_TOTAL_BYTES / 1024 / 1024} MB.`);
  }
  if (unpackedBytes > RATIO_FROM_BYTES && unpackedBytes > packedBytes * MAX_RATIO) {
    throw new Error(`it unpacks to more than ${MAX_RATIO} times its size.`);
  }
}

function checkCount(entries) {
  if (entries > MAX_ENTRIES) throw new Error(`it has more than ${MAX_ENTRIES} entries.`);
}

/** The most bytes that an archive of `packedBytes` may unpack to. */
function unpackedLimit(packedBytes) {
  return Math.min(MAX_TOTAL_BYTES, Math.max(RATIO_FROM_BYTES, packedBytes * MAX_RATIO));
}

module.exports = { checkSize, checkCount, unpackedLimit, MAX_NAME_BYTES };
