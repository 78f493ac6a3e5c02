-- The protocol of ../philosophers.ts for Rumur: the last philosopher reaches for the forks in the other order.
const N: 8;

type
  who: 0 .. N - 1;
  place: enum { thinking, hungry, one, eating, leaving };

var
  at: array [who] of place;
  taken: array [who] of boolean;

function left(i: who): who; begin return i = N - 1 ? 0 : i; end;
function right(i: who): who; begin return i = N - 1 ? i : i + 1; end;

startstate "seated" begin
  for i: who do at[i] := thinking; taken[i] := false; end;
end;

ruleset i: who do
  rule "think" at[i] = thinking ==> begin at[i] := hungry; end;
  rule "left" at[i] = hungry & !taken[left(i)] ==> begin taken[left(i)] := true; at[i] := one; end;
  rule "right" at[i] = one & !taken[right(i)] ==> begin taken[right(i)] := true; at[i] := eating; end;
  rule "eat" at[i] = eating ==> begin taken[right(i)] := false; at[i] := leaving; end;
  rule "leave" at[i] = leaving ==> begin taken[left(i)] := false; at[i] := thinking; end;
end;

invariant "neighbours do not eat at once"
  forall i: who do at[i] = eating -> at[(i + 1) % N] != eating end;
