import type { Finding } from '../base/finding.ts';
import { poolMemoryText } from '../commands/start-text.ts';
import type { Config } from '../config/schema.ts';
import { examineCluster } from '../containers/mesos/examine-cluster.ts';
import type { DiscoveredRuntimes } from '../containers/sandbox/discover-runtimes.ts';
import { agentApiFindings } from './agent-api-url.ts';
import { askMaster } from './ask-master.ts';
import { readFrameworkRecord } from './framework-record.ts';
import { mesosAccessOf } from './mesos-access.ts';
import { inSettingNames } from './mesos-option-text.ts';
import { mesosConfigOf } from './open-mesos.ts';
import { poolMemoryOf } from './pool-memory.ts';

const PATIENCE_MS = 5000;

/** Can the platform run on that cluster? Asks the master, and subscribes to nothing. */
export async function examineMesos(
  config: Config,
  runtimes: DiscoveredRuntimes,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const report = (finding: Finding): void => void findings.push(finding);
  const mesosConfig = mesosConfigOf(config, { invoker: 0, runtimes, report });
  findings.push(...agentApiFindings(config, config.http.port));
  try {
    const { agents, version } = await askMaster(
      mesosAccessOf(config),
      PATIENCE_MS,
      async (operator, signal) => ({
        version: await operator.getVersion(signal),
        agents: await operator.getAgents(signal),
      }),
    );
    report({
      level: 'ok',
      what: `Mesos ${version} at ${config.mesos.masterUrl}, agents: ${agents.length}; whether it takes the framework's role and principal, only a start tells`,
    });
    const formerMb = readFrameworkRecord(config.dataDir)?.userMemoryMb;
    const memory = poolMemoryOf(config, { agents, formerMb, mesosConfig });
    report({ level: 'ok', what: poolMemoryText(memory) });
    const { userMemoryMb } = memory;
    findings.push(
      ...examineCluster(agents, { config: mesosConfig, standardMb: config.memory.std, userMemoryMb }),
    );
  } catch (error) {
    report({
      level: 'failure',
      what: `No Mesos master answers at ${config.mesos.masterUrl}: ${inSettingNames((error as Error).message)}`,
      mend: 'Name the masters (--mesos-master http://HOST:5050), and see that they run and can be reached from here.',
    });
  }
  return findings;
}
