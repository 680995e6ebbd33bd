/** A feed that answers with what it was told, and refuses to fire more often than once a minute. */
exports.main = ({ lifecycleEvent, triggerName, authKey, ...parameters }) => {
  if (parameters.seconds < 60) return { error: 'once a minute at most' };
  return { lifecycleEvent, triggerName, hasKey: typeof authKey === 'string', parameters };
};
