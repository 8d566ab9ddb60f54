/*
 * The least code that receives datagrams on this machine: one recvfrom after the other.
 *
 *   udp_drain
 *
 * A worker as in bench/harness/worker.ts: it says its port in a line of JSON, and answers `count`, `begin`
 * and `end`. The questions are read by a thread of their own, so that the loop does nothing but receive.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

enum { LARGEST_DATAGRAM = 65536, ROOM = 64 };

static atomic_long received;

struct reading {
  long count;
  double ms, cpu_us;
};

static void *receive(void *socket) {
  static char buffer[LARGEST_DATAGRAM];
  struct sockaddr_in from;
  long count = 0;
  for (;;) {
    socklen_t size = sizeof from;
    ssize_t length = recvfrom(*(int *)socket, buffer, sizeof buffer, 0, (void *)&from, &size);
    if (length >= 0) atomic_store_explicit(&received, ++count, memory_order_relaxed);
  }
  return NULL;
}

static double us(struct timeval time) { return time.tv_sec * 1e6 + time.tv_usec; }

static struct reading read_now(void) {
  struct timespec now;
  struct rusage usage;
  clock_gettime(CLOCK_MONOTONIC, &now);
  getrusage(RUSAGE_SELF, &usage);
  return (struct reading){atomic_load(&received), now.tv_sec * 1e3 + now.tv_nsec / 1e6,
                          us(usage.ru_utime) + us(usage.ru_stime)};
}

int main(void) {
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in local = {.sin_family = AF_INET};
  local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof local;
  if (fd < 0 || bind(fd, (void *)&local, size) || getsockname(fd, (void *)&local, &size)) {
    perror("udp_drain");
    return 1;
  }
  pthread_t thread;
  if (pthread_create(&thread, NULL, receive, &fd)) return 1;
  setlinebuf(stdout);
  printf("{\"port\":%d}\n", ntohs(local.sin_port));

  struct reading begun = {0};
  char question[ROOM];
  while (fgets(question, sizeof question, stdin)) {
    struct reading now = read_now();
    if (!strcmp(question, "count\n")) {
      printf("%ld\n", now.count);
    } else if (!strcmp(question, "end\n")) {
      printf("{\"count\":%ld,\"ms\":%f,\"cpu\":%.0f}\n", now.count - begun.count, now.ms - begun.ms,
             now.cpu_us - begun.cpu_us);
    } else {
      begun = now;
      printf("null\n");
    }
  }
  return 0;
}
