import { afterEach, beforeEach, expect, test } from 'vitest';

import type { MesosContainerFactory } from '../../src/containers/mesos/mesos-container-factory.ts';
import { aSpec, openCluster, type Cluster } from './mesos-fixture.ts';

/** Takes connections, proves that it knows its token, and does nothing else: two hundred Nodes would be a test of the machine. */
const listener = `exec perl -MIO::Socket::INET -MDigest::SHA=hmac_sha256_base64 -e '
  $s = IO::Socket::INET->new(LocalPort => $ENV{PORT0}, Listen => 5, ReuseAddr => 1) or die;
  while ($c = $s->accept) {
    $n = "";
    while (($l = <$c>) =~ /\\S/) { $n = $1 if $l =~ /^X-Vibrissa-Nonce: *(\\S+)/i }
    ($p = hmac_sha256_base64("vibrissa-prove:$n", $ENV{__OW_TOKEN})) =~ tr,+/,-_,;
    $b = qq({"proof":"$p"});
    print $c "HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\nContent-Length: ", length $b, "\\r\\n\\r\\n$b";
    $c->flush;
  }'`;

let cluster: Cluster;
let factory: MesosContainerFactory;

beforeEach(async () => {
  cluster = await openCluster({ simulator: { agents: 5 }, shell: listener });
  factory = await cluster.openFactory();
});

afterEach(async () => {
  await factory.close();
  await cluster.close();
});

test('two hundred cold starts at a time all succeed, with a few launches of many tasks (#85)', async () => {
  const containers = await Promise.all(Array.from({ length: 200 }, () => factory.create(aSpec())));
  expect(new Set(containers.map(({ id }) => id)).size).toBe(200);
  const addresses = containers.map(({ address }) => JSON.stringify(address));
  expect(new Set(addresses).size).toBe(200);
  const { launches, running, failures } = factory.connection.scheduler.stats();
  expect({ launches, running, failures }).toEqual({ launches: 200, running: 200, failures: 0 });
  await Promise.all(containers.map((container) => container.destroy()));
  expect(factory.connection.scheduler.tasks()).toEqual([]);
}, 60_000);

test('the master is restarted while containers start, and all of them do', async () => {
  const first = Array.from({ length: 20 }, () => factory.create(aSpec()));
  await cluster.simulator.control.restartMaster(1);
  const second = Array.from({ length: 20 }, () => factory.create(aSpec()));
  const containers = await Promise.all([...first, ...second]);
  await expect.poll(() => factory.connection.scheduler.tasks().length).toBe(40);
  await Promise.all(containers.map((container) => container.destroy()));
}, 60_000);
