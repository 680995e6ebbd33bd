import { join } from 'node:path';

/** What is written for the framework below the data directory. */
interface MesosPaths {
  /** Directory: the framework's id and tasks. */
  readonly framework: string;
  /** Directory: what containers have become. */
  readonly containers: string;
  /** The key of the tokens: it stays when the framework is removed. */
  readonly tokenKey: string;
}

export function mesosPathsOf(dataDir: string): MesosPaths {
  const below = (name: string): string => join(dataDir, 'mesos', name);
  return { framework: below('framework'), containers: below('containers'), tokenKey: below('token.key') };
}
