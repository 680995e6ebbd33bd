'use strict';
/**
 * Unpacks an action's archive: zip, tar.gz or tar, told by their first bytes.
 *
 * An archive is hostile until shown otherwise. The readers (`zip.js`, `tar.js`) give a plan of entries within limits;
 * the plan is checked as a whole (`check-entries.js`); only then is anything written, files first and links last, so
 * that nothing is written through a link.
 */
const fs = require('node:fs');
const path = require('node:path');
const { checkEntries } = require('./check-entries.js');

const GZIP_MAGIC = 0x1f8b;
const ZIP_MAGIC = 0x504b;
const TAR_MAGIC_AT = 257;

/** Throws an error whose message says what is wrong with the archive. `directory` exists and is empty. */
function unpack(bytes, directory) {
  const entries = checkEntries(read(bytes));
  for (const entry of entries) {
    const target = path.join(directory, entry.name);
    if (entry.type === 'directory') fs.mkdirSync(target, { recursive: true });
    else fs.mkdirSync(path.dirname(target), { recursive: true });
    if (entry.type === 'file') {
      fs.writeFileSync(target, entry.content(), { mode: entry.mode });
      // the process's umask took bits away, of which the executable one matters
      if ((entry.mode & 0o111) !== 0) fs.chmodSync(target, entry.mode);
    }
  }
  for (const entry of entries) {
    if (entry.type === 'link') fs.symlinkSync(entry.target, path.join(directory, entry.name));
  }
}

function read(bytes) {
  const magic = bytes.length >= 4 ? bytes.readUInt16BE(0) : 0;
  if (magic === ZIP_MAGIC) return require('./zip.js').readZip(bytes);
  if (magic === GZIP_MAGIC) return require('./tar.js').readTarGz(bytes);
  if (bytes.toString('latin1', TAR_MAGIC_AT, TAR_MAGIC_AT + 5) === 'ustar')
    return require('./tar.js').readTar(bytes);
  throw new Error('it is neither a zip nor a tar.gz file.');
}

/** Whether the bytes begin like an archive that `unpack` takes. */
function isArchive(bytes) {
  if (bytes.length < 4) return false;
  const magic = bytes.readUInt32BE(0);
  return magic === 0x504b0304 || magic === 0x504b0506 || magic >>> 16 === GZIP_MAGIC;
}

module.exports = { unpack, isArchive };
