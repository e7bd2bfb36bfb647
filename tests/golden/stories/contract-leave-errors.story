downbeat trace 2 {}
# A participant leaves their own session, by its code in any spelling, and no other.
> websocket 1
> text 1 40
> websocket 2
> text 2 40
> text 1 42["session:create",{"name":"Alice"}]
> text 2 42["session:create",{"name":"Bob"}]
> text 1 42["session:leave",{"roomCode":"{room 2}"}]
? "error",{"message":"Not in this session","code":"not_in_session","event":"session:leave"}
! send 2
> text 1 42["session:leave",{"roomCode":"NOWHERE-99"}]
? not_in_session
> text 1 42["session:leave",{"roomCode":" {room 1 lower} "}]
? "session left"
> text 1 42["session:leave",{"roomCode":"{room 1}"}]
? not_in_session
