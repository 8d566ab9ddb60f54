/*
 * Asks a handshake server for ids, one question at a time on each of many sockets.
 *
 *   udp_hello PORT SOCKETS FRESH MS
 *
 * Each socket says HELLO, waits for the reply and says it again, with the same id, or with FRESH 1 with a
 * new one each time; a reply that is lost is asked for again after 50 ms. It looks at no reply, so that
 * an echo will do. Ends after MS milliseconds.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 128, AGAIN_MS = 50 };

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int open_socket(int port) {
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(port)};
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || connect(fd, (void *)&server, sizeof server)) {
    perror("udp_hello");
    exit(1);
  }
  return fd;
}

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  int port = atoi(argv[1]), sockets = atoi(argv[2]), fresh = atoi(argv[3]);
  int64_t end = now_ms() + atoll(argv[4]);
  struct pollfd *all = calloc(sockets, sizeof *all);
  int64_t *asked = calloc(sockets, sizeof *asked);
  unsigned *number = calloc(sockets, sizeof *number);
  char text[ROOM];
  int run = getpid();
  for (int i = 0; i < sockets; i++) {
    all[i] = (struct pollfd){.fd = open_socket(port), .events = POLLIN};
  }
  for (int64_t now; (now = now_ms()) < end;) {
    for (int i = 0; i < sockets; i++) {
      int answered = all[i].revents & POLLIN;
      if (answered) {
        recv(all[i].fd, text, ROOM, MSG_DONTWAIT);
        number[i] += fresh;
      }
      if (!answered && asked[i] && now - asked[i] < AGAIN_MS) continue;
      int length = snprintf(text, ROOM, "HELLO %d-%d-%u", run, i, number[i]);
      send(all[i].fd, text, length, 0);
      asked[i] = now;
    }
    poll(all, sockets, AGAIN_MS);
  }
  return 0;
}
