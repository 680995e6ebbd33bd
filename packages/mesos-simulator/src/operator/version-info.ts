/** What `/version` answers. The version is the one whose behaviour is simulated. */
export interface VersionInfo {
  readonly build_date: string;
  readonly build_time: number;
  readonly build_user: string;
  readonly git_sha: string;
  readonly version: string;
}

export function versionInfo(version: string): VersionInfo {
  return {
    build_date: '2024-08-01 00:00:00 UTC',
    build_time: 1_722_470_400,
    build_user: 'mesos-simulator',
    git_sha: '0000000000000000000000000000000000000000',
    version,
  };
}
