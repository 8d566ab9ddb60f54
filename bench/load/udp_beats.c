/*
 * Many UDP heartbeat clients in one process, each of which sends one datagram a period.
 *
 *   udp_beats PORT CLIENTS STOPPED STOP_MS MS PERIOD_MS
 *
 * Client i sends from its own address, 127.1.0.1 + i. Each sends one datagram at first, in the order of
 * addresses, 25,000 a second in all, and then at a random phase of each period: the order in which clients
 * came has nothing to do with the order in which they beat. STOPPED of the clients fall
 * silent at a random instant within the second after STOP_MS; after MS milliseconds all end. One socket
 * serves all: the kernel is told the source address with each datagram (ip(7), IP_PKTINFO).
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { SECOND_US = 1000000, FIRST_US = 40, BURST = 10, ROOM = 64 };

struct client {
  int id;
  int64_t due;
  int64_t stop;
  int sequence;
};

static int64_t clock_us(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void sleep_until(int64_t us) {
  if (clock_us(CLOCK_MONOTONIC) >= us) return;
  struct timespec until = {us / 1000000, us % 1000000 * 1000};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

static int by_due(const void *a, const void *b) {
  int64_t left = ((const struct client *)a)->due, right = ((const struct client *)b)->due;
  return (left > right) - (left < right);
}

static void beat(int fd, struct sockaddr_in *server, int client, int sequence) {
  char text[ROOM];
  int64_t at = clock_us(CLOCK_REALTIME);
  int length = snprintf(text, ROOM, "heartbeat %d %lld.%06lld", sequence,
                        (long long)(at / 1000000), (long long)(at % 1000000));
  struct iovec part = {text, length};
  union {
    char bytes[CMSG_SPACE(sizeof(struct in_pktinfo))];
    struct cmsghdr align;
  } control;
  memset(&control, 0, sizeof control);
  struct msghdr message = {.msg_name = server, .msg_namelen = sizeof *server, .msg_iov = &part,
                           .msg_iovlen = 1, .msg_control = &control,
                           .msg_controllen = sizeof control};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = IPPROTO_IP;
  header->cmsg_type = IP_PKTINFO;
  header->cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo));
  struct in_pktinfo info = {.ipi_spec_dst.s_addr = htonl(0x7f010000 + 1 + client)};
  memcpy(CMSG_DATA(header), &info, sizeof info);
  if (sendmsg(fd, &message, 0) < 0) perror("udp_beats");
}

int main(int argc, char **argv) {
  if (argc != 7) return 2;
  int count = atoi(argv[2]), stopped = atoi(argv[3]);
  struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  int64_t start = clock_us(CLOCK_MONOTONIC), end = start + atoll(argv[5]) * 1000;
  int64_t period = atoll(argv[6]) * 1000;

  srandom(1);
  struct client *clients = calloc(count, sizeof *clients);
  for (int i = 0; i < count; i++) {
    sleep_until(start + (int64_t)i * FIRST_US);
    beat(fd, &server, i, clients[i].sequence++ % BURST + 1);
    clients[i].id = i;
  }
  int64_t begin = clock_us(CLOCK_MONOTONIC);
  for (int i = 0; i < count; i++) {
    clients[i].due = begin + random() % period;
    clients[i].stop = end;
  }
  qsort(clients, count, sizeof *clients, by_due);
  for (int i = 0; i < stopped; i++) {
    // Spread over the phases, so that not only the earliest of each second fall silent.
    int chosen = (int)((int64_t)i * count / stopped);
    clients[chosen].stop = start + atoll(argv[4]) * 1000 + random() % SECOND_US;
  }
  // All have one period, so the order of the first round is the order of every round.
  for (;;) {
    for (int i = 0; i < count; i++) {
      struct client *client = &clients[i];
      if (clock_us(CLOCK_MONOTONIC) >= end) return 0;
      sleep_until(client->due);
      if (client->due < client->stop) beat(fd, &server, client->id, client->sequence++ % BURST + 1);
      client->due += period;
    }
  }
}
