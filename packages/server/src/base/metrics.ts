/**
 * Every metric of the platform, declared once; names follow OpenWhisk's where it has one. A component asks for its
 * instruments when it opens and keeps them: nothing is looked up on the hot path.
 */
export const metricCatalogue = {
  counter_controller_activation_start_total: { kind: 'counter', help: 'Non-blocking invocations accepted' },
  counter_controller_blockingActivation_start_total: {
    kind: 'counter',
    help: 'Blocking invocations accepted',
  },
  counter_loadbalancer_activations_total: { kind: 'counter', help: 'Activations published to an invoker' },
  counter_loadbalancer_completionAck_total: {
    kind: 'counter',
    help: 'Completions that were forced, or came after that',
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
  readonly kind: 'counter' | 'gauge';
  readonly help: string;
  /** The only label, if any. */
  readonly label?: string;
}

export type MetricName = keyof typeof metricCatalogue;

export interface Counter {
  add(by?: number): void;
}

/** The port that the components see; prom-client stands behind it in production. */
export interface Metrics {
  counter(name: MetricName, labelValue?: string): Counter;
  /** `read` is called at every scrape. */
  gauge(name: MetricName, read: () => number, labelValue?: string): void;
}

/** Counts nothing: for tests and tools. */
export const noMetrics: Metrics = {
  counter: () => ({ add() {} }),
  gauge() {},
};
