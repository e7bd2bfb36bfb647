downbeat trace 2 {}
# Clients of tomorrow talk to servers of today: fields and further arguments that the contract does
# not name are ignored, and so are events.
> websocket 1
> text 1 40{"token":"abc"}
> text 1 42["session:create",{"name":"Alice","colour":"red","tags":[1,{}]},"more",7]
? session:created
! colour
> text 1 42["session:dance",{"a":1}]
! send
! close
> text 1 4210["session:dance",{"a":1}]
! 43
> text 1 42[7,"numbers may be names too"]
! close
