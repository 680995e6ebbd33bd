'use strict';
/**
 * The Node runtime: `POST /init` takes an action's code, once; `POST /run` calls it; `POST /status` says how it stands.
 *
 * Statuses, sentences and their order are those of OpenWhisk's Node runtime. Little is loaded before the first request,
 * and what is needed after user code has run is captured before.
 */
const { serve } = require('../shared/http-server.js');
const { openLogs, stampLines, endLogs, logError } = require('../shared/logs.js');
const environment = require('../shared/environment.js');

const { parse, stringify } = JSON;
const unbind = Function.prototype.bind.bind(Function.prototype.call);
const add = unbind(Set.prototype.add);
const remove = unbind(Set.prototype.delete);
const sizeOf = unbind(Object.getOwnPropertyDescriptor(Set.prototype, 'size').get);

/** A container that has had no request for this long was made ahead. */
const IDLE_MS = 20;

const settings = environment.takeSettings();
const exportRunEnvironment = environment.runEnvironmentExporter(environment.openEnvironment());

/** `ready` → `starting` → `ready` ⇄ `running`; `stopped` for good once initialisation or a call has failed. */
let status = 'ready';
let userMain;
/** Runs that wait for user code. */
let inFlight = new Set();

function onRequest(exchange) {
  const isRun = exchange.route === '/run';
  if (exchange.route === '/status' && settings.token !== undefined) return tellStatus(exchange);
  if (!isRun && exchange.route !== '/init') return exchange.badRequest();
  let message;
  try {
    message = parse(exchange.body);
  } catch {
    message = undefined;
  }
  exchange.body = '';
  if (typeof message !== 'object' || message === null) {
    if (exchange.sentinel !== undefined) endLogs(exchange.sentinel);
    return exchange.badRequest();
  }
  return isRun ? run(exchange, message) : init(exchange, message);
}

/** Proves to a platform that has just started what runs here. What has failed for good is refused: it is of no use. */
function tellStatus(exchange) {
  exchange.body = '';
  if (status === 'stopped') return exchange.reply(403, '{"error":"System not ready, status is stopped."}');
  const running = sizeOf(inFlight) + (status === 'starting' ? 1 : 0);
  return exchange.reply(200, `{"initialised":${userMain !== undefined},"running":${running}}`);
}

function init(exchange, message) {
  if (userMain !== undefined) return refuse(exchange, 'Cannot initialize the action more than once.');
  if (status !== 'ready') return refuse(exchange, `System not ready, status is ${status}.`);
  const value = message.value ?? {};
  const { main, code } = value;
  if (typeof main !== 'string' || typeof code !== 'string' || main === '' || code === '') {
    return refuse(exchange, 'Missing main/no code to execute.');
  }
  status = 'starting';
  return initialise(exchange, value);
}

async function initialise(exchange, value) {
  let failure;
  try {
    environment.exportInitEnvironment(value.env, process.env);
    const load = value.binary
      ? require('./load-archive.js').loadArchive
      : require('./load-action.js').loadText;
    if (forwarder !== undefined) await forwarder;
    userMain = await load({ main: value.main, code: value.code, actionDirectory: settings.actionDirectory });
    status = 'ready';
  } catch (error) {
    status = 'stopped';
    failure = `Initialization has failed due to: ${describe(error, true)}`;
  }
  // a later run's sentinel ends the logs of a successful initialisation, unless the request has its own
  if (failure !== undefined || exchange.sentinel !== undefined) endLogs(exchange.sentinel);
  if (failure === undefined) exchange.reply(200, '{"OK":true}');
  else exchange.reply(502, stringify({ error: failure }));
}

function run(exchange, message) {
  if (userMain === undefined) return refuse(exchange, 'System not initialized.');
  if (status !== 'ready') return refuse(exchange, `System not ready, status is ${status}.`);
  if (!settings.concurrent) status = 'running';
  exportRunEnvironment(message);
  add(inFlight, exchange);
  let result;
  let pending;
  try {
    result = userMain(message.value ?? {});
    pending = typeof result === 'object' && result !== null && typeof result.then === 'function';
  } catch (error) {
    return fail(exchange, error);
  }
  return pending ? settle(exchange, result) : complete(exchange, result);
}

async function settle(exchange, promise) {
  let result;
  try {
    result = await promise;
  } catch (reason) {
    const { serializeError } = require('./serialize-error.js');
    if (typeof reason?.stack === 'string') logFailure(reason);
    result = { error: serializeError(reason) };
  }
  complete(exchange, result);
}

function complete(exchange, result) {
  let text;
  try {
    text = result === undefined ? '{}' : stringify(result);
  } catch (error) {
    return fail(exchange, error);
  }
  const first = text === undefined ? '' : text[0];
  if (first !== '{' && first !== '[') {
    return answer(exchange, 502, '{"error":"The action did not return a dictionary."}');
  }
  return answer(exchange, 200, text);
}

/** The action threw: its state is unknown, it gets no further call. */
function fail(exchange, error) {
  logFailure(error);
  const text = stringify({ error: `An error has occurred: ${describe(error, false)}` });
  if (answer(exchange, 502, text)) status = 'stopped';
}

/** False when it had been answered already. */
function answer(exchange, code, text) {
  if (!remove(inFlight, exchange)) return false;
  if (status === 'running') status = 'ready';
  endLogs(exchange.sentinel);
  exchange.reply(code, text);
  return true;
}

function refuse(exchange, reason) {
  logError(`Internal system error: ${reason}`);
  if (exchange.sentinel !== undefined) endLogs(exchange.sentinel);
  exchange.reply(403, stringify({ error: reason }));
}

function logFailure(error) {
  logError(describe(error, true));
  try {
    const hint = require('./show-error.js').networkHint(error);
    if (hint !== undefined) logError(hint);
  } catch {
    // as below
  }
}

/** What was thrown may be anything, and may throw when looked at. */
function describe(error, withStack) {
  try {
    return withStack && error?.stack ? require('./show-error.js').traceOf(error) : `${error}`;
  } catch {
    return 'an error that cannot be shown';
  }
}

/**
 * Nothing caught an error, or nothing waits for a rejected promise. Node would end; then the activation's logs would
 * have no end and its error no text. So what runs fails with it, and with nothing running it is only logged.
 */
process.on('uncaughtException', (error) => {
  // user code that listens itself has decided otherwise
  if (process.listenerCount('uncaughtException') > 1) return;
  if (inFlight.size === 0) return logError(describe(error, true));
  const failed = inFlight;
  inFlight = new Set(failed);
  for (const exchange of failed) fail(exchange, error);
});

openLogs();
if (settings.logStamps) stampLines();
serve(settings, onRequest);

/** The way to the API is there before user code runs, and no later: finding a port takes a millisecond. */
const forwarder =
  settings.apiSocket === undefined
    ? undefined
    : require('../shared/api-forwarder.js').forwardApi(settings, logError);

setTimeout(() => {
  if (status === 'ready' && userMain === undefined) require('./rehearse.js').rehearse();
}, IDLE_MS).unref();
