/**
 * Every metric of the platform, declared once; names follow OpenWhisk's where it has one. A component asks for its
 * instruments when it opens and keeps them: nothing is looked up on the hot path.
 */
export const metricCatalogue = {
  counter_controller_startup_counter_total: { kind: 'counter', help: 'Starts of a controller', label: 'id' },
  counter_controller_activation_start_total: { kind: 'counter', help: 'Non-blocking invocations accepted' },
  counter_controller_blockingActivation_start_total: {
    kind: 'counter',
    help: 'Blocking invocations accepted',
  },
  histogram_controller_blockingActivation_finish_seconds: {
    kind: 'histogram',
    help: 'How long clients of blocking invocations waited, whatever came of it',
  },
  counter_controller_loadbalancer_error_total: {
    kind: 'counter',
    help: 'Activations that could not be handed to their invoker',
  },
  counter_loadbalancer_activations_total: { kind: 'counter', help: 'Activations published to an invoker' },
  counter_loadbalancer_completionAck_total: {
    kind: 'counter',
    help: 'Completions: those that came, were forced, or came after that',
    label: 'type',
  },
  counter_loadbalancer_invokerSystemOverload_total: {
    kind: 'counter',
    help: 'Activations that were placed although every invoker was full',
  },
  gauge_loadbalancer_activationsInflight_counter: {
    kind: 'gauge',
    help: 'Activations admitted and not completed',
  },
  gauge_loadbalancer_totalHealthyInvoker_counter: { kind: 'gauge', help: 'Invokers that are up' },
  gauge_loadbalancer_totalOfflineInvoker_counter: { kind: 'gauge', help: 'Invokers that are down' },
  counter_loadbalancer_invokerState_counter_total: {
    kind: 'counter',
    help: 'Changes of the state of invokers, by the state that they came to',
    label: 'state',
  },
  gauge_loadbalancer_totalCapacity_counter: {
    kind: 'gauge',
    help: 'Memory in MB of the invokers that are up',
  },
  gauge_loadbalancer_memoryInflight_counter: {
    kind: 'gauge',
    help: 'Memory in MB that is taken on them by what is in flight',
  },
  counter_database_cacheHit_counter_total: {
    kind: 'counter',
    help: 'Actions that were found in memory',
  },
  counter_database_cacheMiss_counter_total: {
    kind: 'counter',
    help: 'Actions that had to be read from the store',
  },
  counter_controller_throttled_total: {
    kind: 'counter',
    help: 'Requests refused by a limit of their namespace',
    label: 'limit',
  },
  counter_controller_authentication_total: {
    kind: 'counter',
    help: 'Credentials looked up in the auth store, by what was found',
    label: 'outcome',
  },
  counter_invoker_startup_counter_total: { kind: 'counter', help: 'Starts of an invoker', label: 'id' },
  counter_invoker_activation_start_total: { kind: 'counter', help: 'Activations that an invoker took' },
  counter_invoker_activation_error_total: {
    kind: 'counter',
    help: 'Of them, those that the platform failed',
  },
  histogram_invoker_activationWait_finish_seconds: {
    kind: 'histogram',
    help: 'From the request to /init or /run',
  },
  histogram_invoker_activationInit_finish_seconds: { kind: 'histogram', help: 'Of /init' },
  histogram_invoker_activationRun_finish_seconds: { kind: 'histogram', help: 'Of /run' },
  counter_invoker_activationInit_error_total: {
    kind: 'counter',
    help: 'Activations that failed in /init: the fault of their code, or of the platform',
  },
  counter_invoker_activationRun_error_total: {
    kind: 'counter',
    help: 'Others that failed without an answer of their code: in /run, or before it came to that',
  },
  histogram_invoker_collectLogs_finish_seconds: {
    kind: 'histogram',
    help: 'Of logs that came after the record of their activation',
  },
  counter_invoker_collectLogs_error_total: {
    kind: 'counter',
    help: 'Activations whose logs did not all come',
  },
  counter_invoker_containerStart_counter_total: {
    kind: 'counter',
    help: 'How containers came to serve an activation',
    label: 'containerState',
  },
  gauge_sandbox_containers_counter: { kind: 'gauge', help: 'Sandboxes on this machine, idle ones included' },
  gauge_mesos_containers_counter: {
    kind: 'gauge',
    help: 'Containers that are tasks of a Mesos cluster, idle ones included',
  },
  gauge_containerPool_activeCount_counter: { kind: 'gauge', help: 'Containers that run an activation' },
  gauge_containerPool_activeSize_counter: { kind: 'gauge', help: 'Their memory in MB' },
  gauge_containerPool_idlesCount_counter: { kind: 'gauge', help: 'Warm containers in which nothing runs' },
  gauge_containerPool_idlesSize_counter: { kind: 'gauge', help: 'Their memory in MB' },
  gauge_containerPool_prewarmCount_counter: { kind: 'gauge', help: 'Prewarmed containers' },
  gauge_containerPool_prewarmSize_counter: { kind: 'gauge', help: 'Their memory in MB' },
  gauge_containerPool_runBufferCount_counter: {
    kind: 'gauge',
    help: 'Activations that wait for a container',
  },
  gauge_containerPool_runBufferSize_counter: { kind: 'gauge', help: 'Memory in MB that they wait for' },
  counter_containerPool_prewarmColdstart_counter_total: {
    kind: 'counter',
    help: 'Cold starts of a kind that is kept prewarmed',
    label: 'kind',
  },
  counter_containerPool_prewarmExpired_counter_total: {
    kind: 'counter',
    help: 'Prewarmed containers removed because nobody took them',
    label: 'kind',
  },
  counter_containerPool_rescheduledActivation_counter_total: {
    kind: 'counter',
    help: 'Activations given to another container because theirs was dead before they ran',
  },
  counter_containerPool_illegalTransition_counter_total: {
    kind: 'counter',
    help: 'Events that a container in its phase must not have (a defect)',
  },
  counter_tracing_spans_total: {
    kind: 'counter',
    help: 'Spans of traces: sent to the collector, and dropped because it did not take them',
    label: 'outcome',
  },
  counter_alarms_ticks_total: {
    kind: 'counter',
    help: 'Ticks of alarms: that fired, that were missed, and that a limit or a failure refused',
    label: 'outcome',
  },
  gauge_alarms_waiting_counter: { kind: 'gauge', help: 'Alarms that wait for their next tick' },
  counter_webhooks_deliveries_total: {
    kind: 'counter',
    help: 'Requests to webhooks, by what became of them',
    label: 'outcome',
  },
} as const satisfies { [name: string]: MetricDeclaration };

export interface MetricDeclaration {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** The only label, if any. */
  readonly label?: string;
}

export type MetricName = keyof typeof metricCatalogue;

export interface Counter {
  add(by?: number): void;
}

export interface Histogram {
  /** In the unit that the metric's name ends with. */
  observe(value: number): void;
}

/** The port that the components see; prom-client stands behind it in production. */
export interface Metrics {
  counter(name: MetricName, labelValue?: string): Counter;
  /** Without a label. */
  histogram(name: MetricName): Histogram;
  /** `read` is called at every scrape. */
  gauge(name: MetricName, read: () => number, labelValue?: string): void;
}

/** Counts nothing: for tests and tools. */
export const noMetrics: Metrics = {
  counter: () => ({ add() {} }),
  histogram: () => ({ observe() {} }),
  gauge() {},
};
