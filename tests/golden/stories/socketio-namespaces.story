downbeat trace 2 {}
# Only the main namespace is there. Another one is refused, and the connection goes on.
> websocket 1
> text 1 40/custom,
? send 1 44/custom,{"message":"Invalid namespace"}
! close
> text 1 40/custom
? send 1 44/custom,{"message":"Invalid namespace"}
> text 1 40/,{"a":1}
? send 1 40{"sid"
> text 1 42/,["session:create",{"name":"Ada"}]
? session:created
> text 1 42/custom,["session:create",{"name":"Ada"}]
? close 1
