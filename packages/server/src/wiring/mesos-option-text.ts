/** Options of the Mesos client, and the settings that feed them; longer ones before those that begin alike. */
const settingOf: readonly (readonly [option: RegExp, setting: string])[] = [
  [/(?:options\.)?framework\.roles(?:\[\d+\])?/g, 'mesos.role'],
  [/(?:options\.)?framework\.name/g, 'mesos.frameworkName'],
  [/(?:options\.)?framework\.user/g, 'mesos.user'],
  [/(?:options\.)?framework\.failoverTimeoutMs/g, 'mesos.timeouts.failover'],
  [/(?:options\.)?auth\.principal/g, 'mesos.principal'],
  [/(?:options\.)?auth\.secret/g, 'the content of mesos.secretFile'],
  [/(?:options\.)?offers\.inAdvance/g, 'mesos.offers.inAdvance'],
  [/(?:options\.)?offers\.maxHeld/g, 'mesos.offers.maxHeld'],
  [/(?:options\.)?offers\.holdMs/g, 'mesos.offers.hold'],
  [/(?:options\.)?offers\.refuseWaitingMs/g, 'mesos.offers.refuse'],
  [/(?:options\.)?timeouts\.missedHeartbeats/g, 'mesos.heartbeatMaxFailures'],
  [/(?:options\.)?\btls\.ca\b/g, 'mesos.caFile'],
  [/options\.masters|the option masters|the masters option/g, 'mesos.masterUrl'],
];

const opening = /^The scheduler can't be opened: /;
const closedTls = /(https:\/\/\S+) closed the connection\./g;

/** What the Mesos client says, in the words of who has written settings, and never saw its options. */
export function inSettingNames(said: string): string {
  const named = settingOf.reduce((text, [option, setting]) => text.replace(option, setting), said);
  return named
    .replace(opening, '')
    .replace(closedTls, '$1 closed the connection: if it speaks no TLS, its address begins with http://.');
}
