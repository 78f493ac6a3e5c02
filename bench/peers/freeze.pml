/* The protocol of ../freeze.ts for SPIN: N drivers freeze one after the other, Q buffers per virtqueue.
 * A bit is 1 for whatever is unlike the initial state, so that no initialising step is needed.
 * `freezing`, `sending` and `handling` repeat control locations that other processes ask for; they add no states. */

typedef driver {
  bit halted;   /* the transmit queue is stopped */
  bit masked;   /* its interrupt is disabled */
  bit dead;     /* the device was reset */
  bit deleted;  /* the virtqueue is gone */
  bit raised;   /* an interrupt is pending */
  bit kicked;   /* the device was told of new buffers */
  bit sending, handling;
  byte avail, used
}
driver drv[N];
bit freezing, wakeup;

#define LIVE(i) (!(drv[i].sending || drv[i].handling) || !drv[i].deleted)
#define FITS(i) (drv[i].avail + drv[i].used <= Q)
#define GONE(i) (drv[i].deleted && drv[i].dead && drv[i].avail == 0 && drv[i].used == 0)
#if N == 1
#define EVERY(p) (p(0))
#elif N == 2
#define EVERY(p) (p(0) && p(1))
#elif N == 3
#define EVERY(p) (p(0) && p(1) && p(2))
#endif

/* suspend: stop, drain, reset and delete each driver; a wake-up turns back; restore rebuilds what was deleted */
active proctype power()
{
  byte at;
  bit restoring;
running:
  freezing = 1;
stop:
  if
  :: atomic { !wakeup -> drv[at].halted = 1 }
  :: d_step { wakeup && at == 0 -> wakeup = 0; freezing = 0 }; goto running
  :: d_step { wakeup && at > 0 -> wakeup = 0; freezing = 0; at-- }; goto find
  fi;
  d_step { !drv[at].sending -> drv[at].masked = 1 };
  !drv[at].handling;
  d_step { drv[at].dead = 1; drv[at].raised = 0; drv[at].kicked = 0 };
  if
  :: d_step { at < N - 1 -> drv[at].deleted = 1; drv[at].avail = 0; drv[at].used = 0; at++ }; goto stop
  :: d_step { at == N - 1 -> drv[at].deleted = 1; drv[at].avail = 0; drv[at].used = 0 }
  fi;
  if
  :: d_step { wakeup -> assert(EVERY(GONE)); wakeup = 0; freezing = 0 }; goto find
  :: d_step { !wakeup -> assert(EVERY(GONE)); freezing = 0 }
  fi;
  d_step { assert(EVERY(GONE)); restoring = 1; at = 0 };
find:
  drv[at].deleted = 0;
  drv[at].dead = 0;
  drv[at].masked = 0;
  if
  :: d_step { restoring && at == N - 1 -> drv[at].halted = 0; restoring = 0; at = 0 }; goto running
  :: d_step { restoring && at < N - 1 -> drv[at].halted = 0; at++ }; goto find
  :: d_step { !restoring && at == 0 -> drv[at].halted = 0 }; goto running
  :: d_step { !restoring && at > 0 -> drv[at].halted = 0; at-- }; goto find
  fi
}

active proctype host()
{
  do
  :: d_step { freezing && !wakeup -> wakeup = 1 }
  od
}

active proctype monitor()
{
  atomic { !(EVERY(LIVE) && EVERY(FITS)) -> assert(false) }
}

#define me drv[_pid - 3]
active [N] proctype transmit()
{
  do
  :: d_step { !me.halted -> me.sending = 1 };
     if
     :: d_step { me.avail + me.used < Q -> me.avail++ };
        d_step { me.kicked = 1; me.sending = 0 }
     :: d_step { me.avail + me.used == Q -> me.sending = 0 }
     fi
  od
}
#undef me

#define me drv[_pid - 3 - N]
active [N] proctype device()
{
  do
  :: d_step { !me.dead && me.kicked && me.avail > 0 ->
       me.avail--; me.used++; me.raised = 1; me.kicked = (me.avail > 0) }
  od
}
#undef me

#define me drv[_pid - 3 - 2 * N]
active [N] proctype interrupt()
{
  do
  :: d_step { me.raised && !me.masked -> me.raised = 0; me.handling = 1 };
     do
     :: d_step { me.used > 0 -> me.used-- }
     :: me.used == 0 ->
        if
        :: me.used > 0
        :: d_step { me.used == 0 -> me.handling = 0 }; break
        fi
     od
  od
}
