/**
 * The section "Configuration File" of seed 004, a TCP client and server of 2023 in Python, byte for byte: its
 * comments, its apostrophes and the blank lines between.
 *
 * @module
 */

/** The configuration. */
export const SEED_004_CONFIG =
  `heart_beat_interval = 5         # Number of seconds between the client’s heartbeat messages

heart_beat_threshold = 10       # Number of seconds until a heartbeat message is considered to have timed out and was not received by the Server

heart_beat_additional_tries = 3 # Number of additional heartbeats the client will send after the heartbeat threshold/timeout has been reached

data_interval = 5               # Number of seconds between the client’s data messages

data_threshold = 20             # Number of seconds until a data message is considered to have timed out and was not received by the Server
`;
