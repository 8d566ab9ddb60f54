/*
 * Floods a TCP port with heartbeats over one connection.
 *
 *   tcp_flood PORT MS
 *
 * Messages of 59 bytes, numbered from 100,000,000 so that the length stays the same, in writes of
 * about 64 KiB, as fast as the receiver takes them; it ends after MS milliseconds.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { LENGTH = 59, MESSAGES = 1110, DIGITS_AT = 10, DIGITS = 9 };

static int64_t wall_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int connected(int port) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(port)};
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || connect(fd, (void *)&server, sizeof server)) {
    perror("tcp_flood");
    exit(1);
  }
  return fd;
}

static void count_up(char *digits) {
  int i = DIGITS - 1;
  while (digits[i] == '9') digits[i--] = '0';
  digits[i]++;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  int fd = connected(atoi(argv[1]));
  int64_t end = wall_us() + atoll(argv[2]) * 1000;
  static char bytes[LENGTH * MESSAGES + 1];
  char digits[DIGITS + 1] = "100000000", text[LENGTH + 1];
  for (int64_t now; (now = wall_us()) < end;) {
    snprintf(text, sizeof text, "Sequence #%s: Sending heartbeat at %lld.%04lld. ", digits,
             (long long)(now / 1000000), (long long)(now % 1000000 / 100));
    for (int i = 0; i < MESSAGES; i++) {
      memcpy(text + DIGITS_AT, digits, DIGITS);
      memcpy(bytes + i * LENGTH, text, LENGTH);
      count_up(digits);
    }
    for (int sent = 0; sent < LENGTH * MESSAGES;) {
      ssize_t taken = send(fd, bytes + sent, LENGTH * MESSAGES - sent, MSG_NOSIGNAL);
      if (taken < 0) return 0;
      sent += taken;
    }
  }
  return 0;
}
