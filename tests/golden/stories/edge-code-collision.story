downbeat trace 2 {}
# Two sessions draw the same code. By chance that is too rare to show, and so the seeds (bytes 24
# to 31) of what the host draws for Alice, Bob and Carol are chosen such that all three draw alike.
> websocket 1 {"entropy":"11111111111111111111111111111111111111111111111113d849733820b8e50000000000000000000000000000000000000000000000000000000000000000"}
> text 1 40
> websocket 2 {"entropy":"2222222222222222222222222222222222222222222222220bf411b9003cb0e60000000000000000000000000000000000000000000000000000000000000000"}
> text 2 40
> websocket 3 {"entropy":"333333333333333333333333333333333333333333333333040edafec958a8e70000000000000000000000000000000000000000000000000000000000000000"}
> text 3 40
> text 1 42["session:create",{"name":"Alice"}]
? session:created

# Alice's code is taken, and Bob is given the next one of his draws.
+100 > text 2 42["session:create",{"name":"Bob"}]
? session:created
! {room 1}

# Once Alice has left, her code is free, and Carol is given the very same: this proves that Bob
# had drawn it too.
+100 > text 1 42["session:leave",{"roomCode":"{room 1}"}]
? "session closed"
+100 > text 3 42["session:create",{"name":"Carol"}]
? send 3 42["session:created",{"roomCode":"{room 1}"
