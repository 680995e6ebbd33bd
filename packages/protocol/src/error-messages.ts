/** A message names what it is about, however long that is. */
function brief(text: string): string {
  return text.length > 64 ? `${text.slice(0, 64)}…` : text;
}

/**
 * The texts of error bodies, word for word as OpenWhisk's clients and tests compare them (misspellings included).
 * Texts of activation results belong to whoever produces the result.
 */
export const errorTexts = {
  // Transport
  unknownPath: 'The requested resource could not be found.',
  methodNotAllowed: (supported: readonly string[]) =>
    `HTTP method not allowed, supported methods: ${supported.join(', ')}`,
  bodyMissing: 'Request entity expected but not supplied',
  unsupportedContentType: (contentType: string) =>
    `The request's Content-Type [${contentType}] is not supported. Expected:\napplication/json`,
  notAcceptable: 'Resource representation is only available with these types:\napplication/json',
  malformedContent: (detail: string) => `The request content was malformed:\n${detail}`,
  malformedQuery: (name: string, detail: string) => `The query parameter '${name}' was malformed:\n${detail}`,
  contentTooLarge: 'The request content is larger than the server is willing or able to process.',
  uriTooLong: (max: number) => `URI length exceeds the configured limit of ${max} characters`,
  badSyntax: 'The request contains bad syntax or cannot be fulfilled.',
  internalError: 'There was an internal server error.',
  unavailable: 'The server is currently unavailable (because it is overloaded or down for maintenance).',
  objectExpected: 'JSON object expected',
  notBoolean: (value: string) => `'${value}' is not a valid Boolean value`,

  // Who and whether
  unauthenticated: 'The resource requires authentication, which was not supplied with the request',
  invalidCredentials: 'The supplied authentication is invalid',
  forbidden: 'The supplied authentication is not authorized to access this resource.',
  notAuthorized: (names: readonly string[]) =>
    `The supplied authentication is not authorized to access '${[...names].sort().join(', ')}'.`,
  kindNotAllowed: (kind: string) =>
    `The supplied authentication is not authorized to access actions of kind '${kind}'.`,
  tooManyRequests: (count: number, allowed: number) =>
    `Too many requests in the last minute (count: ${count}, allowed: ${allowed}).`,
  tooManyConcurrent: (count: number, allowed: number) =>
    `Too many concurrent requests in flight (count: ${count}, allowed: ${allowed}).`,

  // Entities
  notFound: 'The requested resource does not exist.',
  packageNotFound: (name: string) => `The requested resource '${name}' does not exist.`,
  alreadyExists: 'resource already exists',
  concurrentModification: 'Concurrent modification to resource detected.',
  notInCollection: 'Resource by this name exists but is not in this collection.',
  corrupted: 'Resource is corrupted and cannot be read.',
  innerLimits: 'Inner entity level routes for limits are not yet implemented.',

  // Packages
  packageReserved: (name: string) => `Package name '${name}' is reserved.`,
  packageNotEmpty: (count: number) =>
    `Package not empty (contains ${count} ${count === 1 ? 'entity' : 'entities'}). Set force param or delete package contents.`,
  packageNotBinding: 'Resource is a package and cannot be converted into a binding.',
  bindingMissing: 'Binding references a package that does not exist.',
  bindingOfOther: 'Cannot bind to a resource that is not a package.',
  bindingOfBinding: 'Cannot bind to another package binding.',
  bindingCircular: (name: string) => `Package binding '${name}' contains a circular reference.`,
  notOnBinding: 'Operation not permitted on package binding.',

  // Names
  nameTooLong: (length: number) => `Name segement longer than allowed: ${length} > 256.`,
  illegalName: 'The name of the entity contains illegal characters.',
  namespaceTooLong: (length: number) => `Namespace longer than allowed: ${length} > 256.`,
  illegalNamespace: 'The namespace contains illegal characters.',
  nameTooShort:
    'requirement failed: The fully qualified name of the entity must contain at least the namespace and the name of the entity.',

  // Lists
  notAnInteger: (value: string, collection: string) =>
    `The value '${value}' is not an integer for ${collection}.`,
  limitOutOfRange: (value: number, max: number, collection: string) =>
    `The value '${value}' is not in the range of 0 to ${max} for ${collection}.`,
  skipOutOfRange: (value: number, collection: string) =>
    `The value '${value}' is not greater than or equal to 0 for ${collection}.`,

  // Actions
  execUndefined: 'exec undefined',
  kindMissing: "'kind' must be a string defined in 'exec'",
  kindUnknown: (kind: string, known: readonly string[]) =>
    `The specified runtime '${kind}' is not supported by this platform. Valid values are: ${known.map((name) => `'${name}'`).join(', ')}.`,
  kindDeprecated: (kind: string) =>
    `The '${kind}' runtime is no longer supported. You may read and delete but not update or invoke this action.`,
  codeOrAttachmentMissing: (kind: string) =>
    `'code' must be a string or attachment object defined in 'exec' for '${kind}' actions`,
  codeMissing: (kind: string) => `'code' must be a string defined in 'exec' for '${kind}' actions`,
  mainMissing: (kind: string) => `'main' must be a string defined in 'exec' for '${kind}' actions`,
  mainMalformed: (kind: string) => `if defined, 'main' be a string in 'exec' for '${kind}' actions`,
  imageMissing: "'image' must be a string defined in 'exec' for 'blackbox' actions",
  imageMalformed: 'could not parse image name',
  componentsMissing: "'components' must be defined for sequence kind",
  componentsMalformed: "'components' must be an array",
  qualifiedNameMalformed: 'fully qualified name malformed',
  sequenceEmpty: 'No component specified for the sequence.',
  sequenceTooLong: 'Too many actions in the sequence.',
  sequenceCyclic: 'Sequence may not refer to itself.',
  sequenceComponentMissing: 'Sequence component does not exist.',
  parametersMalformed: 'parameters malformed!',
  parameterInvalid: 'invalid parameter',
  versionMalformed: 'semantic version malformed',
  limitNotWhole: (limit: string) => `requirement failed: ${limit} must be whole number`,
  limitMalformed: (limit: string) => `${limit} malformed`,
  entityTooLarge: (what: string, size: number, allowed: number) =>
    `${what} larger than allowed: ${size} > ${allowed} bytes.`,
  timeLimit: (ms: number, bound: 'exceeds' | 'below', allowed: number) =>
    `duration ${ms} milliseconds ${bound} allowed threshold of ${allowed} milliseconds`,
  sizeLimit: (what: 'memory' | 'log') => (mb: number, bound: 'exceeds' | 'below', allowed: number) =>
    `${what} size ${mb} MB ${bound} allowed threshold of ${allowed} MB`,
  concurrencyLimit: (count: number, bound: 'exceeds' | 'below', allowed: number) =>
    `concurrency ${count} ${bound} allowed threshold of ${allowed}`,
  instancesLimit: (namespace: number) =>
    `Max action instance concurrency must not exceed your namespace concurrency of ${namespace}.`,
  instancesBelow: (min: number) => `Action container concurrency must be greater than or equal to ${min}.`,
  requirementFailed: (detail: string) => `requirement failed: ${detail}`,

  // Invocation
  recordsTooLarge: (allowed: number) =>
    `These records together are larger than ${allowed} bytes. Ask for fewer with 'limit'.`,
  payloadTooLarge: (size: number, allowed: number) =>
    `Request larger than allowed: ${size} > ${allowed} bytes.`,
  reservedParameters: 'Request defines parameters that are not allowed (e.g., reserved properties).',
  blockingTimeout: (maxMs: number) => `Timeout must be number of milliseconds up to ${maxMs}.`,

  // Triggers and rules
  feedInvalid: 'Feed name is not valid',
  ruleIncomplete: 'rule requires a valid trigger and a valid action',
  ruleOfNothing: (what: 'trigger' | 'action', name: string) => `${what} /${name} does not exist`,
  ruleState: (state: string) => `requirement failed: ${state} is not a recognized rule state`,
  tooManyRules: (allowed: number) =>
    `A trigger has at most ${allowed} rules. Let the others hang on another trigger, or delete some.`,
  ruleTriggerGone: 'Only rules with existing triggers can be activated',
  ruleInactive: (rule: string, action: string) =>
    `Rule '${rule}' is inactive, action '${action}' was not activated.`,

  // Web actions
  webUnauthenticated: 'Authentication is possible but has failed or not yet been provided.',
  webContentTypeUnsupported: (contentType: string) => `Content type '${contentType}' is not supported.`,
  webNotReady: 'Response not yet ready.',
  gatewayNotFound: 'Not found.',
  gatewayKeyRequired: 'Unauthorized: this API asks for a key, and none that opens it was sent.',
  gatewayRateLimit: 'Rate limit exceeded',
  apiNotFound: (api: string) => `API '${api}' does not exist.`,
  tooManyApiKeys: 'The namespace has as many API keys as it may have. Delete one that nobody uses.',
  webPropertyMissing: 'Response does not include requested property.',
  webProcessingFailed: 'There was an error processing your request.',
  webResponseInvalid: (mediaType: string) => `Response is not valid '${mediaType}'.`,
  webContentTypeUnknown: 'Response did not specify a known content-type.',
  webContentTypeMismatch: 'Response type in header did not match generated content type.',
  webNotAcceptable: (contentType: string) =>
    `Resource representation is only available with these types:\n${contentType}`,

  // Locked parameters, in the results of activations
  parameterKeyMissing: (name: string, scheme: string) =>
    `The parameter '${brief(name)}' is locked with ${scheme}, and this platform has no key for that. Who runs it has to configure one.`,
  parameterLocked: (name: string, scheme: string) =>
    `The parameter '${brief(name)}' is locked with ${scheme}, and no key of this platform opens it. It was locked with another key, or changed since. Set it again.`,
  parameterLockUnknown: (name: string, scheme: string) =>
    `The parameter '${brief(name)}' says that it is locked with '${brief(scheme)}', which this platform doesn't know. Set it again, without 'encryption'.`,

  // Sequences and compositions
  actionGone: 'Action could not be found or may have been deleted.',
  sequenceFailed: 'Sequence failed.',
  sequenceComponentLate: (activationId: string) =>
    `Timeout reached when retrieving activation ${activationId} for sequence component.`,
  compositionTooLong: 'Too many actions in the composition.',
  compositionFailed: 'Activation failure during composition.',
  compositionPartLate: (activationId: string) =>
    `Timeout reached when retrieving activation ${activationId} during composition.`,
  compositionMisnamed: (json: string) =>
    `Failed to parse action name from json value ${json} during composition.`,
  compositionForbidden: (name: string) =>
    `Failed entitlement check for action with name '${name}' during composition.`,
  compositionUnresolved: (name: string) => `Failed to resolve action with name '${name}' during composition.`,

  // Activations
  activationIdLength: (length: number) => `Activation id length is ${length} but must be 32.`,
  activationIdIllegal: 'The activation id is not valid.',
  docsWithCount: "The parameter 'docs' is not permitted with 'count'.",
  activationName: (value: string) =>
    `Parameter may be a 'simple' name or 'package-name/simple' name: ${value}`,
  activationTime: (value: string) => `Parameter is not a valid value for epoch seconds: ${value}`,
} as const;

/** The body of every error but a failed activation's. */
export interface ErrorBody {
  readonly error: string;
  /** The transaction's id. */
  readonly code: string;
}
