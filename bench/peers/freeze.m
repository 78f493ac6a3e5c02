-- The protocol of ../freeze.ts for Rumur: N drivers freeze one after the other, Q buffers per virtqueue.
const N: 2;
const Q: 2;

type
  driver: 0 .. N - 1;
  amount: 0 .. Q;
  phase: enum { running, stop, drain_tx, drain_irq, reset, delete, asleep, off, find, ready, unmask, restart };

var
  power: phase;
  at: driver;
  restoring: boolean;
  wakeup: boolean;
  drv: array [driver] of record
    transmit: enum { idle, adding, kicking };
    interrupt: enum { out, reclaiming, rechecking };
    stopped, queue, alive, enabled, raised, kicked: boolean;
    avail, used: amount;
  end;

startstate "running" begin
  power := running;
  at := 0;
  restoring := false;
  wakeup := false;
  for i: driver do
    drv[i].transmit := idle;
    drv[i].interrupt := out;
    drv[i].stopped := false;
    drv[i].queue := true;
    drv[i].alive := true;
    drv[i].enabled := true;
    drv[i].raised := false;
    drv[i].kicked := false;
    drv[i].avail := 0;
    drv[i].used := 0;
  end;
end;

rule "suspend" power = running ==> begin power := stop; end;
rule "stop" power = stop & !wakeup ==> begin drv[at].stopped := true; power := drain_tx; end;
rule "turn back" power = stop & wakeup ==> begin
  wakeup := false;
  if at = 0 then power := running; else at := at - 1; power := find; end;
end;
rule "sender is out" power = drain_tx & drv[at].transmit = idle ==> begin
  drv[at].enabled := false;
  power := drain_irq;
end;
rule "handler is out" power = drain_irq & drv[at].interrupt = out ==> begin power := reset; end;
rule "reset" power = reset ==> begin
  drv[at].alive := false;
  drv[at].raised := false;
  drv[at].kicked := false;
  power := delete;
end;
rule "delete the virtqueue" power = delete ==> begin
  drv[at].queue := false;
  drv[at].avail := 0;
  drv[at].used := 0;
  if at = N - 1 then power := asleep; else at := at + 1; power := stop; end;
end;
rule "cancel" power = asleep & wakeup ==> begin wakeup := false; power := find; end;
rule "power off" power = asleep & !wakeup ==> begin power := off; end;
rule "boot" power = off ==> begin restoring := true; at := 0; power := find; end;
rule "find the virtqueue" power = find ==> begin drv[at].queue := true; power := ready; end;
rule "driver ok" power = ready ==> begin drv[at].alive := true; power := unmask; end;
rule "enable the interrupt" power = unmask ==> begin drv[at].enabled := true; power := restart; end;
rule "start the sender" power = restart ==> begin
  drv[at].stopped := false;
  if restoring & at = N - 1 then restoring := false; at := 0; power := running;
  elsif restoring then at := at + 1; power := find;
  elsif at = 0 then power := running;
  else at := at - 1; power := find;
  end;
end;

rule "wake up"
  !wakeup & (power = stop | power = drain_tx | power = drain_irq | power = reset | power = delete | power = asleep)
==> begin wakeup := true; end;

ruleset i: driver do
  rule "enter" drv[i].transmit = idle & !drv[i].stopped ==> begin drv[i].transmit := adding; end;
  rule "add" drv[i].transmit = adding & drv[i].avail + drv[i].used < Q ==> begin
    drv[i].avail := drv[i].avail + 1;
    drv[i].transmit := kicking;
  end;
  rule "full" drv[i].transmit = adding & drv[i].avail + drv[i].used = Q ==> begin drv[i].transmit := idle; end;
  rule "kick" drv[i].transmit = kicking ==> begin drv[i].kicked := true; drv[i].transmit := idle; end;

  rule "complete" drv[i].alive & drv[i].kicked & drv[i].avail > 0 ==> begin
    drv[i].avail := drv[i].avail - 1;
    drv[i].used := drv[i].used + 1;
    drv[i].raised := true;
    drv[i].kicked := drv[i].avail > 0;
  end;

  rule "interrupt" drv[i].interrupt = out & drv[i].raised & drv[i].enabled ==> begin
    drv[i].raised := false;
    drv[i].interrupt := reclaiming;
  end;
  rule "reclaim" drv[i].interrupt = reclaiming & drv[i].used > 0 ==> begin drv[i].used := drv[i].used - 1; end;
  rule "empty" drv[i].interrupt = reclaiming & drv[i].used = 0 ==> begin drv[i].interrupt := rechecking; end;
  rule "again" drv[i].interrupt = rechecking & drv[i].used > 0 ==> begin drv[i].interrupt := reclaiming; end;
  rule "exit" drv[i].interrupt = rechecking & drv[i].used = 0 ==> begin drv[i].interrupt := out; end;
end;

invariant "only on a live virtqueue"
  forall i: driver do (drv[i].interrupt = out & drv[i].transmit = idle) | drv[i].queue end;
invariant "the ring is never overfull"
  forall i: driver do drv[i].avail + drv[i].used <= Q end;
invariant "quiet when asleep"
  (power = asleep | power = off) ->
    forall i: driver do !drv[i].queue & !drv[i].alive & drv[i].avail = 0 & drv[i].used = 0 end;
