/*
 * The least code that forwards on this machine: epoll, read, write.
 *
 *   tcp_forward PORT
 *
 * A worker as in bench/harness/worker.ts that answers no question: it says its port in a line of JSON,
 * forwards one connection to PORT and back, and ends with it or with its input.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROOM = 65536, INPUT = 0 };

static void watch(int poll, int fd) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
}

static int opened(int fd) {
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

/* Moves what has come; 0 at the end of the stream, or where it broke. */
static int forward(int from, int to) {
  static char bytes[ROOM];
  ssize_t count = read(from, bytes, sizeof bytes);
  for (ssize_t sent = 0, taken; sent < count; sent += taken) {
    if ((taken = write(to, bytes + sent, count - sent)) <= 0) return 0;
  }
  return count > 0;
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  int server = opened(socket(AF_INET, SOCK_STREAM, 0));
  struct sockaddr_in address = {.sin_family = AF_INET};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(listener, (void *)&address, size) || listen(listener, 1) ||
      getsockname(listener, (void *)&address, &size)) {
    perror("tcp_forward");
    return 1;
  }
  setlinebuf(stdout);
  printf("{\"port\":%d}\n", ntohs(address.sin_port));

  int client = opened(accept(listener, NULL, NULL));
  address.sin_port = htons(atoi(argv[1]));
  if (client < 0 || connect(server, (void *)&address, size)) {
    perror("tcp_forward");
    return 1;
  }
  int poll = epoll_create1(0);
  for (int i = 0, ends[] = {INPUT, client, server}; i < 3; i++) watch(poll, ends[i]);
  for (struct epoll_event event; epoll_wait(poll, &event, 1, -1) > 0;) {
    int from = event.data.fd;
    if (from == INPUT || !forward(from, from == client ? server : client)) return 0;
  }
  return 1;
}
