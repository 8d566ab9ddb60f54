/*
 * Many clients of a WebSocket server in one process, which send heartbeats and answer pings.
 *
 *   ws_beats PORT CONNECTIONS RATE MS
 *
 * As tcp_beats, but each message is a text frame (RFC 6455) with a mask of zeros, and a connection that
 * the server has given up does not end the others.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { ROOM = 80, HEADER = 6, REPLY = 1024, CONNECT_NS = 100000, STALL_NS = 50000000 };

static int64_t clock_ns(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void sleep_until(int64_t ns) {
  if (clock_ns(CLOCK_MONOTONIC) >= ns) return;
  struct timespec until = {ns / 1000000000, ns % 1000000000};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

static int connected(int port) {
  static const char request[] =
      "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: aGVhcnRsaW5lLWJlbmNoIQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
  int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(port)};
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || connect(fd, (void *)&server, sizeof server)) {
    perror("ws_beats");
    exit(1);
  }
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  send(fd, request, sizeof request - 1, MSG_NOSIGNAL);
  char reply[REPLY] = "";
  for (int length = 0; !strstr(reply, "\r\n\r\n");) {
    ssize_t taken = recv(fd, reply + length, REPLY - 1 - length, 0);
    if (taken <= 0) exit(1);
    length += taken;
  }
  return fd;
}

/* Pings without a payload are all that this server says. */
static void answer_pings(int fd) {
  static const char pong[HEADER] = {(char)0x8a, (char)0x80};
  char pings[REPLY];
  ssize_t taken = recv(fd, pings, REPLY, MSG_DONTWAIT);
  for (ssize_t at = 0; at + 1 < taken; at += 2) send(fd, pong, HEADER, MSG_NOSIGNAL);
}

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  int count = atoi(argv[2]);
  int64_t interval = 1000000000 / atoll(argv[3]);
  int *sockets = malloc(count * sizeof *sockets);
  int64_t due = clock_ns(CLOCK_MONOTONIC), end = due + atoll(argv[4]) * 1000000;
  for (int i = 0; i < count; i++, due += CONNECT_NS) {
    sleep_until(due);
    sockets[i] = connected(atoi(argv[1]));
  }
  due = clock_ns(CLOCK_MONOTONIC);
  for (long long number = 100000000; due < end; number++) {
    for (int i = 0; i < count; i++, due += interval) {
      sleep_until(due);
      if (clock_ns(CLOCK_MONOTONIC) - due > STALL_NS) due = clock_ns(CLOCK_MONOTONIC);
      char frame[HEADER + ROOM] = {(char)0x81};
      int64_t at = clock_ns(CLOCK_REALTIME);
      int length = snprintf(frame + HEADER, ROOM, "Sequence #%lld: Sending heartbeat at %lld.%04lld. ",
                            number, (long long)(at / 1000000000),
                            (long long)(at % 1000000000 / 100000));
      frame[1] = (char)(0x80 | length);
      answer_pings(sockets[i]);
      send(sockets[i], frame, HEADER + length, MSG_NOSIGNAL);
    }
  }
  return 0;
}
