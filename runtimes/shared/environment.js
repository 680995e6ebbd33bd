'use strict';
/** What an action sees in its environment: the init environment, and `__OW_*` of the current activation. */

const { stringify } = JSON;
const { keys } = Object;
const unbind = Function.prototype.bind.bind(Function.prototype.call);
const toUpperCase = unbind(String.prototype.toUpperCase);

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
  // setting a variable is a system library call each: most don't change from run to run
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

module.exports = { exportInitEnvironment, runEnvironmentExporter };
