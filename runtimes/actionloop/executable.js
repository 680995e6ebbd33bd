'use strict';
/**
 * From an init message to something that can be called.
 *
 * Both protocols of native actions start from a file named `exec`, and nothing in a message says which one it speaks.
 * To find out by running it would run a one-shot action without a call. So it is told by what the file says:
 *
 * 1. the init environment's `OW_ACTIONLOOP` (an init parameter): `true` or `false` decides;
 * 2. it mentions `OW_WAIT_FOR_ACK`, as every launcher of OpenWhisk's ActionLoop runtimes does: an ActionLoop that
 *    acknowledges its start;
 * 3. it is a script that writes to descriptor 3: an ActionLoop that doesn't;
 * 4. otherwise it is run once for each call.
 */
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { exportInitEnvironment } = require('../shared/environment.js');

const EXECUTABLE_NAMES = ['exec', 'bin/exec'];
const NO_BINARY = 'The action failed to generate or locate a binary. See logs for details.';
const ACK = 'OW_WAIT_FOR_ACK';
const SHEBANG = '#!';
const WRITES_TO_DESCRIPTOR_3 =
  /[>&]&\s*3\b|\/dev\/fd\/3\b|\/proc\/self\/fd\/3\b|\b(?:fdopen|open|for_fd|new_for_fd)\(\s*3\b|\bfd:\s*3\b|php:\/\/fd\/3\b/;
/** Scripts are small; what follows in a self-extracting one is no script. */
const SCRIPT_BYTES = 1024 * 1024;

/** A message without code is the skeleton's own: it says that there is nothing to run. */
const STUB = {
  run: () =>
    Promise.resolve({
      status: 200,
      text: '{"error":"This is a stub action. Replace it with custom logic."}',
    }),
};

/** Errors carry `answer`, the sentence for the client, and perhaps `status`. */
async function openAction({ code, binary, env }, actionDirectory) {
  if (code === undefined || code === '') return STUB;
  const root = codeDirectory(actionDirectory);
  const file = place(decode(code, binary), root);
  const environment = { ...process.env };
  exportInitEnvironment(env, environment);
  const protocol = protocolOf(file, environment.OW_ACTIONLOOP);
  const start = { file, root, environment };
  if (protocol === 'one-shot') return require('./one-shot.js').openOneShot(start);
  return require('./action-loop.js').openActionLoop({
    ...start,
    acknowledges: protocol === 'acknowledging-loop',
  });
}

function decode(code, binary) {
  if (!binary) return Buffer.from(code, 'utf8');
  if (!/^[A-Za-z0-9+/\s]*=*\s*$/.test(code)) {
    const answer = 'cannot decode the request: illegal base64 data';
    throw Object.assign(new Error(answer), { answer, status: 400 });
  }
  return Buffer.from(code, 'base64');
}

/** Writes the code below `root`; answers the file to execute. */
function place(bytes, root) {
  const { isArchive, unpack } = require('../shared/archive.js');
  if (!isArchive(bytes)) {
    const file = path.join(root, 'exec');
    fs.writeFileSync(file, bytes, { mode: 0o755 });
    return file;
  }
  try {
    unpack(bytes, root);
  } catch (error) {
    throw noBinary(`There was an error uncompressing the action archive: ${error.message}`);
  }
  const file = EXECUTABLE_NAMES.map((name) => path.join(root, name)).find((name) => fs.existsSync(name));
  if (file === undefined) throw noBinary('The archive has no file named exec.');
  fs.chmodSync(file, 0o755);
  return file;
}

function noBinary(reason) {
  const error = new Error(reason);
  error.stack = reason;
  return Object.assign(error, { answer: NO_BINARY });
}

/** `one-shot`, `loop` or `acknowledging-loop`. */
function protocolOf(file, wanted) {
  const bytes = fs.readFileSync(file);
  const acknowledges = bytes.includes(ACK);
  if (wanted !== undefined) {
    if (wanted.toLowerCase() !== 'true') return 'one-shot';
    return acknowledges ? 'acknowledging-loop' : 'loop';
  }
  if (acknowledges) return 'acknowledging-loop';
  const isScript = bytes.toString('latin1', 0, 2) === SHEBANG;
  return isScript && WRITES_TO_DESCRIPTOR_3.test(bytes.toString('latin1', 0, SCRIPT_BYTES))
    ? 'loop'
    : 'one-shot';
}

function codeDirectory(actionDirectory) {
  if (actionDirectory === undefined) return fs.mkdtempSync(path.join(os.tmpdir(), 'action-'));
  const directory = path.join(actionDirectory, 'code');
  fs.mkdirSync(directory, { recursive: true });
  return directory;
}

module.exports = { openAction };
