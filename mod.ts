/**
 * Heartline answers two questions over a network that loses, delays and cuts: is the peer alive, and
 * did everything arrive, once, in order? Importing this module does nothing and opens nothing.
 *
 * Here is what users of the protocols need. Codecs and machines, for those who bring their own sockets, are in
 * the module of each protocol (`./udp`, `./tcp`, ...), and what they are built from in `./core`.
 *
 * @example
 * ```ts
 * import { serveUdpHeartbeats } from "@heartline/heartline";
 *
 * await using server = await serveUdpHeartbeats({ port: 0, autoRegisterTimeout: 30_000 });
 * console.log(`listening on port ${server.address.port}`);
 * ```
 *
 * @module
 */
export {
  type Address,
  type Arrival,
  type BackoffOptions,
  type Clock,
  type DroppedEvent,
  type ErrorCode,
  type ErrorSide,
  type EventMessage,
  formatAddress,
  HeartlineError,
  type Instant,
  parseAddress,
  type Random,
  type ReceptionReport,
  type Service,
  type ServiceCounters,
  type ServiceMessage,
  systemClock,
} from "./core/mod.ts";
export {
  checkUdpServerSnapshot,
  type ClientState,
  forecastUdpAlarms,
  sendUdpHeartbeats,
  serveUdpHeartbeats,
  shortestUdpTimeout,
  type UdpClientEvent,
  type UdpClientOptions,
  type UdpClientRegistration,
  type UdpClientReport,
  type UdpForecast,
  type UdpHeartbeatClient,
  type UdpHeartbeatServer,
  type UdpPlan,
  type UdpRejection,
  type UdpServerEvent,
  type UdpServerOptions,
  type UdpServerSnapshot,
} from "./udp/mod.ts";
export {
  type NumberRun,
  sendTcpHeartbeats,
  serveTcpHeartbeats,
  type TcpClientEvent,
  type TcpClientOptions,
  type TcpClientReport,
  type TcpClientState,
  type TcpDisconnectReason,
  type TcpHeartbeatClient,
  type TcpHeartbeatServer,
  type TcpLossReason,
  type TcpRejection,
  type TcpServerEvent,
  type TcpServerOptions,
} from "./tcp/mod.ts";
export {
  connectHandshake,
  type FailedTry,
  type HandshakeClient,
  type HandshakeClientEvent,
  type HandshakeClientOptions,
  type HandshakeFault,
  type HandshakeRejection,
  type HandshakeServer,
  type HandshakeServerEvent,
  type HandshakeServerOptions,
  type HandshakeTransport,
  isConnectionId,
  serveHandshake,
} from "./handshake/mod.ts";
export {
  connectKeepalive,
  type KeepaliveClient,
  type KeepaliveClientEvent,
  type KeepaliveClientOptions,
  type KeepaliveDetection,
  keepaliveDetection,
  type KeepaliveEnd,
  type KeepalivePhase,
  type KeepaliveReplier,
  type KeepaliveReport,
  type KeepaliveServer,
  type KeepaliveServerEvent,
  type KeepaliveServerOptions,
  type KeepaliveTiming,
  serveKeepalive,
} from "./keepalive/mod.ts";
export {
  checkSequenceSnapshot,
  receiveSequence,
  type SequenceClientEvent,
  type SequenceClientOptions,
  type SequenceFailure,
  type SequenceLossReason,
  type SequenceReceiver,
  type SequenceRejection,
  type SequenceRetryReason,
  type SequenceSeed,
  type SequenceServer,
  type SequenceServerEvent,
  type SequenceServerOptions,
  type SequenceSession,
  type SequenceSnapshot,
  type SequenceSource,
  serveSequence,
  type SessionStore,
} from "./sequence/mod.ts";
export {
  type Direction,
  type DirectionFaults,
  type FaultProxy,
  type Faults,
  type ProxyEvent,
  type ProxyOptions,
  type ScheduleStep,
  serveProxy,
} from "./proxy/mod.ts";
