/** The dependency rules of the house; each name reads as the sentence that it enforces. */
const adapters =
  'packages/server/src/(store/(sqlite|memory|postgres)|messaging/(embedded|kafka)|containers/(sandbox|docker|mesos|kubernetes)|cluster/(single-node|gossip))/';
/** What stands on the controller: users reach it through routes, and it invokes or fires as they do. */
const services = '(gateway|feeds|catalogue)';
const tests = '\\.(test|contract)\\.ts$|/test/';

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'base-imports-nothing-of-ours',
      severity: 'error',
      from: { path: 'packages/server/src/base/', pathNot: tests },
      to: { path: '^packages/', pathNot: 'packages/server/src/base/' },
    },
    {
      name: 'only-wiring-names-an-adapter',
      severity: 'error',
      from: { path: 'packages/server/src/', pathNot: `${adapters}|packages/server/src/wiring/|${tests}` },
      to: { path: adapters },
    },
    {
      name: 'an-adapter-knows-only-its-port',
      comment: 'An adapter imports its own directory, the ports beside it, base, config slices and protocol.',
      severity: 'error',
      from: { path: adapters, pathNot: tests },
      to: { path: 'packages/server/src/(controller|invoker|http|wiring|commands|gateway|feeds|catalogue)/' },
    },
    {
      name: 'adapters-never-meet',
      severity: 'error',
      from: { path: 'packages/server/src/(store|messaging|containers|cluster)/([^/]+)/', pathNot: tests },
      to: { path: adapters, pathNot: 'packages/server/src/$1/$2/' },
    },
    {
      name: 'controller-and-invoker-never-meet',
      severity: 'error',
      from: { path: 'packages/server/src/controller/', pathNot: tests },
      to: { path: 'packages/server/src/invoker/' },
    },
    {
      name: 'invoker-and-controller-never-meet',
      severity: 'error',
      from: { path: 'packages/server/src/invoker/', pathNot: tests },
      to: { path: 'packages/server/src/(controller|http)/' },
    },
    {
      name: 'the-invoker-knows-nothing-of-apis-and-feeds',
      severity: 'error',
      from: { path: 'packages/server/src/invoker/', pathNot: tests },
      to: { path: `packages/server/src/${services}/` },
    },
    {
      name: 'only-wiring-and-routes-know-the-routes',
      severity: 'error',
      from: {
        path: 'packages/server/src/',
        pathNot: `packages/server/src/(wiring|controller/routes)/|${tests}`,
      },
      to: { path: 'packages/server/src/controller/routes/' },
    },
    {
      name: 'apis-and-feeds-stand-on-the-controller-and-never-below-it',
      comment: 'Routes serve them; whoever invokes and fires does not know for whom.',
      severity: 'error',
      from: { path: 'packages/server/src/controller/', pathNot: `controller/routes/|${tests}` },
      to: { path: `packages/server/src/${services}/` },
    },
    {
      name: 'the-gateway-the-feeds-and-the-catalogue-never-meet',
      severity: 'error',
      from: { path: `packages/server/src/${services}/`, pathNot: tests },
      to: { path: `packages/server/src/${services}/`, pathNot: 'packages/server/src/$1/' },
    },
    {
      name: 'no-feed-knows-another',
      severity: 'error',
      from: { path: 'packages/server/src/feeds/([^/]+)/', pathNot: tests },
      to: { path: 'packages/server/src/feeds/[^/]+/', pathNot: 'packages/server/src/feeds/$1/' },
    },
    {
      name: 'what-wsk-commands-share-names-no-command',
      severity: 'error',
      from: {
        path: 'packages/cli/src/(artifact|base|client|command|config|dev|output|project|values)/',
        pathNot: tests,
      },
      to: { path: 'packages/cli/src/commands/' },
    },
    {
      name: 'a-manifest-is-read-and-planned-without-a-platform',
      severity: 'error',
      from: { path: 'packages/cli/src/project/(source|manifest|plan)/', pathNot: tests },
      to: { path: 'packages/cli/src/(client|dev|project/platform)/' },
    },
    {
      name: 'decisions-do-no-io',
      severity: 'error',
      from: {
        path: '/(schedule|match-offers|session-state|task-state|reconcile-plan|scheduler-core|master-core|marathon-core|swim-core|member-state|raft-core|plan-voters|founding-core|cluster-core|map-state|choose-container|container-state|interpret-result|merge-parameters|rate-limit|frame|bwrap-arguments|seccomp-filter|launch-plan|preflight|cgroup-layout)\\.ts$',
      },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(buffer|zlib|crypto)$' },
    },
    {
      name: 'protocol-runs-in-a-browser',
      severity: 'error',
      from: { path: 'packages/protocol/src/', pathNot: tests },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'mesos-and-cluster-stand-alone',
      severity: 'error',
      from: { path: '^packages/(mesos|cluster)/src/', pathNot: tests },
      to: { path: '^packages/', pathNot: '^packages/$1/' },
    },
    {
      name: 'the-simulator-shares-only-the-words-on-the-wire',
      comment: 'A misunderstanding shared with the client would hide itself.',
      severity: 'error',
      from: { path: '^packages/mesos-simulator/src/', pathNot: tests },
      to: { path: '^packages/', pathNot: '^packages/(mesos-simulator/|mesos/src/wire/)' },
    },
    {
      name: 'front-doors-only',
      severity: 'error',
      from: { path: '^packages/([^/]+)/' },
      to: {
        path: '^packages/([^/]+)/',
        pathNot: '^packages/$1/|^packages/[^/]+/src/((fuzzing|readme|schemas|wire)/)?index\\.ts$',
      },
    },
    {
      name: 'source-never-imports-testkit',
      severity: 'error',
      from: {
        path: 'packages/(protocol|server|cli|mesos|mesos-simulator|cluster|mesos-ha)/src/',
        pathNot: tests,
      },
      to: { path: 'packages/testkit/' },
    },
    {
      name: 'runtimes-import-nothing-of-the-platform',
      severity: 'error',
      from: { path: '^runtimes/', pathNot: tests },
      to: { path: '^packages/|node_modules' },
    },
    {
      name: 'everything-imported-exists',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/dist/' },
    parser: 'swc',
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.test.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'require', 'node', 'default'],
    },
  },
};
