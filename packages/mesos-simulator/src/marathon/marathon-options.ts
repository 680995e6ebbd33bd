/** How Marathon is set up; all may be left out. */
export interface MarathonOptions {
  /** Where its API listens; default: where the first master does. */
  readonly host?: string;
  /** Default: any free one. */
  readonly port?: number;
  /** Passwords by user: requests then need one (HTTP Basic), or the token. */
  readonly credentials?: Readonly<Record<string, string>>;
  /** As `Authorization: token=…`: requests then need it, or a user. */
  readonly token?: string;
  /** What `/v2/info` tells; default 1.11.24. */
  readonly version?: string;
}
