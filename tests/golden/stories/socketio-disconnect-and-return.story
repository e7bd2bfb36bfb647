downbeat trace 2 {}
# disconnect() and connect() on one connection: Ada has left her session, and has a new id when she
# is back.
> websocket 1
> text 1 40
> text 1 42["session:create",{"name":"Ada"}]
+100 > text 1 41
? client namespace disconnect
? "session closed"
! send
! close 1
+100 > text 1 40
? send 1 40{"sid"
+100 > text 1 421["session:leave",{"roomCode":"{room 1}"}]
? not_in_session
# Acknowledgements that nobody asked for are let pass.
+100 > text 1 435[]
! close 1
! send
