downbeat trace 2 {"maxNamespaceConnectsPerMinute":3}
# A client that leaves the namespace and comes back has no new limits, and may not do so for ever.
> websocket 1
> text 1 40
> text 1 41
> text 1 40
> text 1 41
> text 1 40
! close
> text 1 41
> text 1 40
? too many CONNECT packets
? close 1 1005
> websocket 2
> text 2 40
> text 2 41
> text 2 40/nowhere,
? Invalid namespace
> text 2 40/nowhere,
? Invalid namespace
> text 2 40/nowhere,
? too many CONNECT packets
