'use strict';
/**
 * The native runtime: any executable or script, as an ActionLoop (a process that stays and answers line by line) or as
 * OpenWhisk's skeleton runs it (one process for each call). `executable.js` tells which.
 *
 * Statuses and sentences are those of OpenWhisk's ActionLoop proxy and of its skeleton.
 */
const { takeSettings } = require('../shared/environment.js');
const { serve } = require('../shared/http-server.js');
const { stampLines, endLogs, logError } = require('../shared/logs.js');

const settings = takeSettings();
/** Answers calls: `run(message) → { status, text }`. Undefined until code has been taken. */
let action;
let initialised = false;
/** Requests not yet answered. */
let running = 0;
/** Calls wait for each other unless several at a time are allowed. */
let last = Promise.resolve();

function onRequest(exchange) {
  const isRun = exchange.route === '/run';
  if (exchange.route === '/status' && settings.token !== undefined) return tellStatus(exchange);
  if (!isRun && exchange.route !== '/init') return exchange.badRequest();
  running++;
  let message;
  try {
    message = JSON.parse(exchange.body);
    if (typeof message !== 'object' || message === null) throw new Error('not an object');
  } catch (error) {
    return finish(exchange, refusal(400, `Error unmarshaling request: ${error.message}`));
  }
  exchange.body = '';
  if (!isRun) return init(message).then((answer) => finish(exchange, answer));
  if (action === undefined) return finish(exchange, refusal(500, 'no action defined yet'));
  const before = settings.concurrent ? undefined : last;
  last = run(message, before).then((answer) => finish(exchange, answer));
  return last;
}

/** Proves to a platform that has just started what runs here. What has failed for good is refused: it is of no use. */
function tellStatus(exchange) {
  exchange.body = '';
  const failed = initialised && running === 0 && (action === undefined || action.hasEnded?.());
  if (failed) return exchange.reply(403, '{"error":"The action has ended."}');
  return exchange.reply(200, JSON.stringify({ initialised: action !== undefined, running }));
}

async function init(message) {
  if (initialised) return refusal(403, 'Cannot initialize the action more than once.');
  const value = message.value ?? {};
  if (value.code !== undefined && typeof value.code !== 'string') {
    return refusal(403, 'Missing main/no code to execute.');
  }
  initialised = true;
  const { openAction } = require('./executable.js');
  try {
    action = await openAction(value, settings.actionDirectory);
    return { status: 200, text: '{"ok":true}', hasRun: false };
  } catch (error) {
    logError(error.stack ?? String(error));
    return {
      ...refusal(error.status ?? 502, error.answer ?? 'Cannot start action. Check logs for details.'),
      hasRun: true,
    };
  }
}

async function run(message, before) {
  await before;
  try {
    return { hasRun: true, ...(await action.run(message)) };
  } catch (error) {
    logError(error.stack ?? String(error));
    return { ...refusal(502, `An error has occurred: ${error.message}`), hasRun: true };
  }
}

function finish(exchange, { status, text, hasRun }) {
  // the plain sentinel is for what has run; with a token, the logs of every request end
  if (hasRun || exchange.sentinel !== undefined) endLogs(exchange.sentinel);
  running--;
  exchange.reply(status, text);
}

function refusal(status, reason) {
  return { status, text: JSON.stringify({ error: reason }), hasRun: false };
}

process.on('uncaughtException', (error) => logError(error.stack ?? String(error)));

if (settings.logStamps) stampLines();
serve(settings, onRequest);
if (settings.apiSocket !== undefined)
  void require('../shared/api-forwarder.js').forwardApi(settings, logError);
setImmediate(() => require('./executable.js'));
