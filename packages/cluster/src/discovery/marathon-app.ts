/** Of an app in Marathon's JSON, what is read here. Everything may be missing: versions 1.1 to 1.11 differ. */
export interface MarathonApp {
  readonly id?: string;
  readonly instances?: number;
  readonly healthChecks?: readonly unknown[];
  readonly networks?: readonly { readonly mode?: string }[];
  /** Before 1.5: an address for each container. */
  readonly ipAddress?: unknown;
  readonly portDefinitions?: readonly PortDefinition[];
  readonly container?: {
    readonly portMappings?: readonly PortDefinition[];
    /** Before 1.5. */
    readonly docker?: { readonly network?: string; readonly portMappings?: readonly PortDefinition[] };
  };
  readonly tasks?: readonly MarathonTask[];
}

export interface PortDefinition {
  readonly name?: string;
  readonly containerPort?: number;
  readonly hostPort?: number | null;
}

export interface MarathonTask {
  readonly id?: string;
  readonly state?: string;
  readonly host?: string;
  /** Host ports, in the order of the definitions that have one. */
  readonly ports?: readonly number[];
  readonly ipAddresses?: readonly { readonly ipAddress?: string }[];
  readonly healthCheckResults?: readonly { readonly alive?: boolean }[];
}
