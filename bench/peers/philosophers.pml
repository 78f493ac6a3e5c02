/* The protocol of ../philosophers.ts for SPIN: N philosophers; the last one reaches for the forks in the other order. */

bit taken[N];
bit eating[N]; /* repeats a control location; adds no states */
#define LEFT (_pid == N - 1 -> 0 : _pid)
#define RIGHT (_pid == N - 1 -> _pid : _pid + 1)

active [N] proctype philosopher()
{
  do
  :: skip;
     d_step { !taken[LEFT] -> taken[LEFT] = 1 };
     d_step { !taken[RIGHT] -> taken[RIGHT] = 1; eating[_pid] = 1;
              assert(!eating[(_pid + 1) % N] && !eating[(_pid + N - 1) % N]) };
     d_step { eating[_pid] = 0; taken[RIGHT] = 0 };
     taken[LEFT] = 0
  od
}
