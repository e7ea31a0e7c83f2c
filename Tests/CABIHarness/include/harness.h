#ifndef HARNESS_H
#define HARNESS_H
int harness_placeholder(void);
#endif
