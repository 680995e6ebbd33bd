import type { FrameworkCall, MesosEvent, SubscribeCall } from '@vibrissa/mesos/wire';

/**
 * The client's side of a virtual cluster, in the shape of the client's own transport (without importing it: the two
 * share nothing but the words on the wire).
 */
export interface VirtualTransport {
  subscribe(master: string, call: SubscribeCall, handlers: VirtualHandlers): VirtualConnection;
}

export interface VirtualConnection {
  send(callId: number, call: FrameworkCall): void;
  /** Destroys both sockets; nothing is told any more. */
  close(): void;
}

export interface VirtualHandlers {
  onOpened(opened: { readonly streamId: string }): void;
  onAlive(): void;
  onEvent(event: MesosEvent): void;
  onEnded(end: VirtualEnd): void;
  onAnswered(answer: { readonly callId: number; readonly status: number; readonly text: string }): void;
}

export type VirtualEnd =
  | { readonly kind: 'refused'; readonly status: number; readonly text: string }
  | { readonly kind: 'redirected'; readonly leader: string }
  | { readonly kind: 'unreachable'; readonly error: Error }
  | { readonly kind: 'ended' }
  /** What came is no record. */
  | { readonly kind: 'garbage'; readonly error: Error };
