/*
 * Floods a UDP port with heartbeats from many source addresses.
 *
 *   udp_flood PORT SOURCES MS
 *
 * Every source sends whole bursts of ten datagrams in turn, as fast as one core can, from its own
 * address 127.1.HIGH.LOW, and ends after MS milliseconds. It knows the wire form and nothing else.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { BURST = 10, ROOM = 64 };

static int64_t wall_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int source_socket(int source, int port) {
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in local = {.sin_family = AF_INET};
  local.sin_addr.s_addr = htonl(0x7f010000 + 1 + source);
  struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(port)};
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || bind(fd, (void *)&local, sizeof local) ||
      connect(fd, (void *)&server, sizeof server)) {
    perror("udp_flood");
    exit(1);
  }
  return fd;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  int port = atoi(argv[1]), sources = atoi(argv[2]);
  int64_t end = wall_us() + atoll(argv[3]) * 1000;
  int *sockets = malloc(sources * sizeof *sockets);
  for (int i = 0; i < sources; i++) sockets[i] = source_socket(i, port);

  static char text[BURST][ROOM];
  struct iovec parts[BURST];
  struct mmsghdr burst[BURST];
  memset(burst, 0, sizeof burst);
  for (int i = 0; i < BURST; i++) {
    burst[i].msg_hdr.msg_iov = &parts[i];
    burst[i].msg_hdr.msg_iovlen = 1;
  }
  for (int64_t now; (now = wall_us()) < end;) {
    for (int source = 0; source < sources; source++) {
      now = wall_us();
      for (int i = 0; i < BURST; i++) {
        int64_t at = now + i;
        int length = snprintf(text[i], ROOM, "heartbeat %d %lld.%06lld", i + 1,
                              (long long)(at / 1000000), (long long)(at % 1000000));
        parts[i] = (struct iovec){text[i], length};
      }
      sendmmsg(sockets[source], burst, BURST, 0);
    }
  }
  return 0;
}
