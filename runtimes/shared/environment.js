'use strict';
/**
 * The environment: what the container's maker tells the runtime through it, and what the action sees in it (the init
 * environment, and `__OW_*` of the current activation).
 */

const { stringify } = JSON;
const { keys } = Object;
const unbind = Function.prototype.bind.bind(Function.prototype.call);
const toUpperCase = unbind(String.prototype.toUpperCase);

const PRIVATE_NAMES = [
  '__OW_LISTEN_FD',
  '__OW_LISTEN_SOCKET',
  '__OW_PORT',
  '__OW_API_SOCKET',
  '__OW_ACTION_DIR',
  '__OW_TOKEN',
  '__OW_LOG_STAMPS',
];

/** Taken once and removed, so that user code neither sees nor steers it. */
function takeSettings() {
  const { env } = process;
  const settings = {
    listenFd: env.__OW_LISTEN_FD,
    listenSocket: env.__OW_LISTEN_SOCKET,
    // a task of Mesos in its agent's network is told its port so
    port: env.__OW_PORT ?? env.PORT0,
    apiSocket: env.__OW_API_SOCKET,
    apiHost: env.__OW_API_HOST,
    actionDirectory: env.__OW_ACTION_DIR,
    concurrent: env.__OW_ALLOW_CONCURRENT?.toLowerCase() === 'true',
    token: env.__OW_TOKEN,
    logStamps: env.__OW_LOG_STAMPS === '1',
  };
  for (const name of PRIVATE_NAMES) delete env[name];
  return settings;
}

/**
 * Puts an object in the place of `process.env`, and answers what is under it. The C library searches a tree at each
 * variable that is set and never frees a value: an activation sets several. So what is written to the answered object
 * is seen by the code and by the processes it starts, and not by the C library; what the code itself sets is, as ever.
 */
function openEnvironment() {
  const real = process.env;
  const values = { ...real };
  process.env = new Proxy(values, {
    set(target, name, value) {
      real[name] = value;
      target[name] = real[name];
      return true;
    },
    deleteProperty(target, name) {
      delete real[name];
      return delete target[name];
    },
  });
  return values;
}

/** `env` of an init message, into `environment`. Other values than strings become JSON. */
function exportInitEnvironment(env, environment) {
  if (typeof env !== 'object' || env === null) return;
  for (const name of keys(env)) {
    const value = env[name];
    environment[name] = typeof value === 'string' ? value : stringify(value);
  }
}

/** Answers a function that exports every string member of a run message but `value`. */
function runEnvironmentExporter(environment) {
  // most don't change from run to run
  const last = { __proto__: null };
  const names = { __proto__: null };
  return (message) => {
    for (const key in message) {
      const value = message[key];
      if (typeof value !== 'string' || key === 'value' || last[key] === value) continue;
      last[key] = value;
      environment[(names[key] ??= `__OW_${toUpperCase(key)}`)] = value;
    }
  };
}

module.exports = { takeSettings, openEnvironment, exportInitEnvironment, runEnvironmentExporter };
