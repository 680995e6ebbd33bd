/** One runtime of the manifest (OpenWhisk's format; `command` and `sandbox` members are ours). */
export interface RuntimeDescription {
  readonly kind: string;
  readonly default?: boolean;
  readonly deprecated?: boolean;
  readonly requireMain?: boolean;
  readonly sentinelledLogs?: boolean;
  readonly image: {
    readonly registry?: string;
    readonly prefix?: string;
    readonly name: string;
    readonly tag?: string;
  };
  readonly attached?: { readonly attachmentName: string; readonly attachmentType: string };
  readonly stemCells?: readonly StemCell[];
}

/** Prewarmed containers of one kind and memory. */
export interface StemCell {
  readonly initialCount: number;
  /** As `256 MB`. */
  readonly memory: string;
  readonly reactive?: {
    readonly minCount: number;
    readonly maxCount: number;
    /** As `2 minutes`. */
    readonly ttl: string;
    readonly threshold: number;
    readonly increment: number;
  };
}

export interface RuntimesManifest {
  readonly runtimes: { readonly [family: string]: readonly RuntimeDescription[] };
  readonly blackboxes?: readonly { readonly prefix?: string; readonly name: string; readonly tag?: string }[];
}
