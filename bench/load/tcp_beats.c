/*
 * Many TCP heartbeat clients in one process.
 *
 *   tcp_beats PORT CONNECTIONS RATE MS [STOPPED STOP_MS]
 *
 * The connections send in turn, RATE messages a second in all, evenly spaced, one message of 59 bytes
 * a write, numbered from 100,000,000 on each connection; it ends after MS milliseconds. It connects no
 * faster than a listener can accept, and leaves out what it was too late for when it was held still.
 * STOPPED of the connections fall silent at their first turn after STOP_MS. It fails with 1 when a
 * connection is closed.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

enum { ROOM = 80, CONNECT_NS = 100000, STALL_NS = 50000000 };

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
  int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(port)};
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || connect(fd, (void *)&server, sizeof server)) {
    perror("tcp_beats");
    exit(1);
  }
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

int main(int argc, char **argv) {
  if (argc != 5 && argc != 7) return 2;
  int count = atoi(argv[2]);
  int64_t interval = 1000000000 / atoll(argv[3]);
  int stopped = argc == 7 ? atoi(argv[5]) : 0;
  int *sockets = malloc(count * sizeof *sockets);
  int64_t due = clock_ns(CLOCK_MONOTONIC), end = due + atoll(argv[4]) * 1000000;
  int64_t stop = argc == 7 ? due + atoll(argv[6]) * 1000000 : end;
  for (int i = 0; i < count; i++, due += CONNECT_NS) {
    sleep_until(due);
    sockets[i] = connected(atoi(argv[1]));
  }
  due = clock_ns(CLOCK_MONOTONIC);
  for (long long number = 100000000; due < end; number++) {
    for (int i = 0; i < count; i++, due += interval) {
      sleep_until(due);
      if (clock_ns(CLOCK_MONOTONIC) - due > STALL_NS) due = clock_ns(CLOCK_MONOTONIC);
      // Every so many connections one, so that they fall silent one after the other.
      if (due >= stop && (int64_t)i * stopped / count < (int64_t)(i + 1) * stopped / count) continue;
      char text[ROOM];
      int64_t at = clock_ns(CLOCK_REALTIME);
      int length = snprintf(text, ROOM, "Sequence #%lld: Sending heartbeat at %lld.%04lld. ", number,
                            (long long)(at / 1000000000), (long long)(at % 1000000000 / 100000));
      if (send(sockets[i], text, length, MSG_NOSIGNAL) < 0) {
        perror("tcp_beats");
        return 1;
      }
    }
  }
  return 0;
}
